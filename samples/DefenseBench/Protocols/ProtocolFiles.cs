using System.Text.Json;
using System.Text.Json.Nodes;
using Defenses;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace DefenseBench.Protocols;

/// <summary>Writes a protocol's report as protocol.json, protocol.md and protocol.html, and reads it back.</summary>
internal static class ProtocolFiles
{
    internal const string Name = "protocol.json";

    internal static string Write(ProtocolReport report) => Json.Text(report);

    /// <exception cref="InvalidDataException">The text is no report, or one of another schema.</exception>
    internal static ProtocolReport Read(string json)
    {
        try
        {
            var schema = JsonNode.Parse(json) is JsonObject root && root["schema"] is JsonValue value && value.TryGetValue<string>(out var name) ? name : null;
            if (schema != ProtocolReport.CurrentSchema)
                throw new InvalidDataException(schema is null
                    ? "The text is JSON, but no protocol's report: it has no schema."
                    : $"The report has schema '{schema}'; this version reads '{ProtocolReport.CurrentSchema}'. Read it with the version that wrote it, or run the protocol again.");
            return JsonSerializer.Deserialize<ProtocolReport>(json, Json.Readable)!;
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"The text is not a whole report of a protocol: {error.Message}", error);
        }
    }

    /// <summary>Writes the three files, all of them or none.</summary>
    internal static void Save(ProtocolReport report, string folder)
    {
        var page = Complete(report);
        AtomicFile.WriteAll(folder, (Name, Write(report)), ("protocol.md", page.ToMarkdown()), ("protocol.html", page.ToHtml()));
    }

    // The page with what every protocol says about itself.
    private static Page Complete(ProtocolReport report)
    {
        var time = report.Timing is { } timing
            ? (PageEntry[])[new("Time", Duration(timing.Seconds), $"training apart; {timing.Machine}; finished {timing.Finished.UtcDateTime:yyyy-MM-dd HH:mm} UTC")]
            : [];
        return report.Page with
        {
            Method =
            [
                new("Paper", report.Paper), .. report.Page.Method, new("Preset", report.Preset), new("Seed", report.Seed),
                new("Command", report.Command), new("Library", $"Defenses {report.Library}"), .. time,
            ],
        };
    }

    private static string Duration(double seconds) => seconds < 90 ? $"{seconds:0} seconds" : seconds < 5400 ? $"{seconds / 60:0} minutes" : $"{seconds / 3600:0.0} hours";
}
