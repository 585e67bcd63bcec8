using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DefenseBench;

/// <summary>How the tool writes JSON: readable, the same bytes on every system, and complete or refused when it is read back.</summary>
internal static class Json
{
    /// <summary>For files that people read.</summary>
    internal static JsonSerializerOptions Readable { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, IndentSize = 1, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>For finished steps: on one line, with the fields of tuples.</summary>
    internal static JsonSerializerOptions Compact { get; } = new(Readable) { WriteIndented = false, IncludeFields = true, RespectNullableAnnotations = false };

    /// <summary>A value as a readable file ends it.</summary>
    internal static string Text<T>(T value) => JsonSerializer.Serialize(value, Readable) + "\n";
}
