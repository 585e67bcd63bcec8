using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Papers;

/// <summary>Writes a protocol's report as protocol.json, protocol.md and protocol.html, and reads it back.</summary>
public static class ProtocolFiles
{
    public const string Name = "protocol.json";

    public static string Write(ProtocolReport report) => Json.Text(report);

    /// <exception cref="InvalidDataException">The text is no report, or one of another schema.</exception>
    public static ProtocolReport Read(string json) => VersionedJson.Read<ProtocolReport>(
        json, ProtocolReport.CurrentSchema, "report of a protocol", "Read it with the version that wrote it, or run the protocol again.", Json.Readable);

    /// <summary>Writes the three files, all of them or none.</summary>
    public static void Save(ProtocolReport report, string folder)
    {
        var page = Complete(report);
        AtomicFile.WriteAll(folder, (Name, Write(report)), ("protocol.md", page.ToMarkdown()), ("protocol.html", page.ToHtml()));
    }

    // The page with what every protocol says about itself.
    private static Page Complete(ProtocolReport report)
    {
        var time = report.Timing is { } timing
            ? (PageEntry[])[new("Time", Duration(timing.Seconds),
                $"training apart; {timing.Machine}; finished {timing.Finished.UtcDateTime:yyyy-MM-dd HH:mm} UTC")]
            : [];
        return report.Page with
        {
            Origin =
            [
                .. report.Timing is { } finished ? (PageEntry[])[new("Date", $"{finished.Finished.UtcDateTime:yyyy-MM-dd HH:mm} UTC")] : [],
                new("Command", report.Command),
            ],
            Files = [Name],
            Method =
            [
                new("Paper", report.Paper), .. report.Page.Method, new("Preset", report.Preset), new("Seed", report.Seed),
                new("Command", report.Command), new("Library", $"Defenses {report.Library}"), .. time,
            ],
        };
    }

    private static string Duration(double seconds) => seconds < 90 ? $"{seconds:0} seconds" : seconds < 5400 ? $"{seconds / 60:0} minutes"
        : $"{seconds / 3600:0.0} hours";
}
