using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Defenses.Evaluation.Reporting;

/// <summary>JSON documents with a schema: camel case, numbers in full precision, enumerations by name, bytes in base 64; complete, or refused when
/// they are read.</summary>
/// <remarks>A document's type has a property <c>Schema</c> with the name and the version of the schema, such as "defenses.evaluation/1".</remarks>
public static class VersionedJson
{
    /// <summary>How documents are written: indented, with the same bytes on every system.</summary>
    public static JsonSerializerOptions Options { get; } = MakeOptions();

    /// <summary>A document as text. The same document gives the same text.</summary>
    /// <typeparam name="T">The document's type.</typeparam>
    /// <param name="document">The document.</param>
    /// <param name="options">Custom options; by default (null) <see cref="Options"/>.</param>
    public static string Write<T>(T document, JsonSerializerOptions? options = null) => JsonSerializer.Serialize(document, options ?? Options) + "\n";

    /// <summary>Reads a document back.</summary>
    /// <typeparam name="T">The document's type.</typeparam>
    /// <param name="json">The text.</param>
    /// <param name="schema">The schema that this version reads.</param>
    /// <param name="what">What the document is, for messages: "report".</param>
    /// <param name="remedy">What to do about a document of another schema, as a sentence.</param>
    /// <param name="options">Custom options; by default (null) <see cref="Options"/>.</param>
    /// <exception cref="InvalidDataException">The text is not a whole document, or one of another schema.</exception>
    public static T Read<T>(string json, string schema, string what, string remedy, JsonSerializerOptions? options = null)
    {
        Require.NotNull(json, nameof(json));
        try
        {
            var found = SchemaOf(json);
            if (found is null) throw new InvalidDataException($"The text is JSON, but no {what}: it has no schema.");
            if (found != schema) throw new InvalidDataException($"The {what} has schema '{found}'; this version reads '{schema}'. {remedy}");
            return JsonSerializer.Deserialize<T>(json, options ?? Options)!;
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"The text is not a whole {what}: {error.Message}", error);
        }
    }

    /// <summary>The schema that a text names in its property "schema"; null if it names none.</summary>
    /// <param name="json">The text.</param>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static string? SchemaOf(string json) =>
        JsonNode.Parse(json) is JsonObject root && root["schema"] is JsonValue value && value.TryGetValue<string>(out var name) ? name : null;

    private static JsonSerializerOptions MakeOptions()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            WriteIndented = true, IndentSize = 1, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
