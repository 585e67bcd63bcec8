
using Defenses.Pages;

namespace Defenses.Papers;

/// <summary>One page over several protocols: what each found, and where the rest is.</summary>
/// <param name="reports">Of the protocols that ran, each written into a subfolder of its name; at least one.</param>
/// <param name="leftOut">Those that did not, with the reason.</param>
internal sealed class ProtocolSummary(IReadOnlyList<ProtocolReport> reports, IReadOnlyDictionary<string, string> leftOut)
{
    internal const string Name = "all";

    /// <summary>The page as a report, whose times are those of all protocols.</summary>
    internal ProtocolReport Make(string command) => reports[0] with
    {
        Protocol = Name, Paper = string.Join("; ", reports.Select(report => report.Paper)), DataSet = string.Join(", ", DataSets), Command = command,
        Page = Page(),
        Timing = reports.Any(report => report.Timing is null) ? null : reports.Select(report => report.Timing!).MaxBy(timing => timing.Finished)! with
        {
            Seconds = reports.Sum(report => report.Timing!.Seconds), Steps = reports.ToDictionary(report => report.Protocol, report => report.Timing!.Seconds),
        },
    };

    private IEnumerable<string> DataSets => reports.Select(report => report.DataSet).Distinct();

    private Page Page() => new()
    {
        Eyebrow = $"The papers' experiments again, {string.Join(", ", DataSets)}, preset {reports[0].Preset}",
        Title = Title(),
        Lead =
        [
            "Each section says what a protocol found, and leads to its page with all tables and figures.",
            .. reports[0].Preset == "smoke" ? ["The preset smoke only shows that everything runs: its networks are hardly trained and its images few."]
                : Array.Empty<string>(),
            .. leftOut.Count > 0 ? [$"Left out: {string.Join(", ", leftOut.Keys)}."] : Array.Empty<string>(),
        ],
        Findings = [.. leftOut.Select(each => new Finding(Severity.Note, $"{each.Key} did not run", each.Value,
            "Run it by itself on one of its own data sets."))],
        Sections = [new PageSection("At a glance") { Tables = [Glance()] }, .. reports.Select(Section)],
    };

    // The gravest weight of each protocol counts.
    private string Title()
    {
        string[] Those(Severity severity) =>
            [.. reports.Where(report => report.Page.Findings.Select(finding => finding.Severity).DefaultIfEmpty().Max() == severity)
            .Select(report => report.Protocol)];
        var (invalid, warned) = (Those(Severity.Invalid), Those(Severity.Warning));
        var parts = new[] { invalid.Length > 0 ? $"{invalid.Length} with numbers that nothing follows from ({string.Join(", ", invalid)})" : "",
            warned.Length > 0 ? $"{warned.Length} with reasons to doubt a claim or a number ({string.Join(", ", warned)})" : "" };
        return $"{TextFormat.Counted(reports.Count, "protocol", "protocols")}: "
            + $"{(invalid.Length + warned.Length == 0 ? "none has a warning" : string.Join(", ", parts.Where(part => part.Length > 0)))}";
    }

    private PageTable Glance() => new("", "protocol", ["data", "invalid", "warnings", "notes", "what was found"],
    [
        .. reports.Select(report => new PageRow(report.Protocol,
        [
            PageCell.Of(report.DataSet), .. new[] { Severity.Invalid, Severity.Warning, Severity.Note }.Select(severity =>
                PageCell.Of($"{Count(report, severity)}")), PageCell.Of(report.Page.Title),
        ]) { Description = report.Paper }),
    ]);

    private static PageSection Section(ProtocolReport report) => new($"{report.Protocol}: {report.Page.Title}")
    {
        Text = report.Page.Lead, Link = $"{report.Protocol}/protocol.html",
        Tables = report.Page.Findings.Count == 0 ? [] : [new PageTable("Findings", "what", ["weight", "about", "why", "what to do"],
        [
            .. report.Page.Findings.GroupBy(finding => finding with { Defense = null }).OrderByDescending(same => same.Key.Severity)
                .Select(same => new PageRow(same.Key.Title,
            [
                PageCell.Of(same.Key.Severity.ToString().ToLowerInvariant()),
                PageCell.Of(string.Join(", ", same.Select(finding => finding.Defense).OfType<string>()) is { Length: > 0 } defenses ? defenses : "all"),
                PageCell.Of(same.Key.Reason), PageCell.Of(same.Key.Action),
            ])),
        ])],
    };

    private static int Count(ProtocolReport report, Severity severity) => report.Page.Findings.Count(finding => finding.Severity == severity);
}
