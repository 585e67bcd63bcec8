using System.Text.Json;
using System.Text.Json.Serialization;
using Defenses.Evaluation.Reporting;

namespace Defenses.Papers;

/// <summary>How the tool writes JSON: readable, the same bytes on every system, and complete or refused when it is read back.</summary>
public static class Json
{
    /// <summary>For files that people read: as the library writes its reports, and with NaN and the infinities by name.</summary>
    public static JsonSerializerOptions Readable { get; } =
        new(VersionedJson.Options) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>For finished steps: on one line, with the fields of tuples.</summary>
    public static JsonSerializerOptions Compact { get; } = new(Readable) { WriteIndented = false, IncludeFields = true, RespectNullableAnnotations = false };

    /// <summary>A value as a readable file ends it.</summary>
    public static string Text<T>(T value) => VersionedJson.Write(value, Readable);
}
