using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Defenses.Evaluation.Reporting;

/// <summary>Reports as JSON: camel case, numbers in full precision, enumerations by name, pictures in base 64.</summary>
internal static class ReportJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, IndentSize = 1, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    internal static string Write(EvaluationReport report) => JsonSerializer.Serialize(report, Options) + "\n";

    internal static EvaluationReport Read(string json)
    {
        try
        {
            var schema = JsonNode.Parse(json) is JsonObject root && root["schema"] is JsonValue value && value.TryGetValue<string>(out var name) ? name : null;
            if (schema != EvaluationReport.CurrentSchema)
                throw new InvalidDataException(schema is null
                    ? "The text is JSON, but no report: it has no schema."
                    : $"The report has schema '{schema}'; this version reads '{EvaluationReport.CurrentSchema}'. Read it with the version that wrote it, or evaluate again.");
            return JsonSerializer.Deserialize<EvaluationReport>(json, Options)!;
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"The text is not a whole report: {error.Message}", error);
        }
    }
}
