using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Defenses.Papers;

/// <summary>How the tool writes JSON: readable, the same bytes on every system, and complete or refused when it is read back.</summary>
public static class Json
{
    /// <summary>For files that people read.</summary>
    public static JsonSerializerOptions Readable { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, IndentSize = 1, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>For finished steps: on one line, with the fields of tuples.</summary>
    public static JsonSerializerOptions Compact { get; } = new(Readable) { WriteIndented = false, IncludeFields = true, RespectNullableAnnotations = false };

    /// <summary>The schema that a text names in its field "schema"; null where it names none.</summary>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    public static string? Schema(string json) =>
        JsonNode.Parse(json) is JsonObject root && root["schema"] is JsonValue value && value.TryGetValue<string>(out var name) ? name : null;

    /// <summary>A value as a readable file ends it.</summary>
    public static string Text<T>(T value) => JsonSerializer.Serialize(value, Readable) + "\n";
}
