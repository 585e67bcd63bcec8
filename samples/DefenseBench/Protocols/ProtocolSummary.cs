using Defenses.Evaluation.Reporting;
using Defenses.Evaluation.Reporting.Pages;

namespace DefenseBench.Protocols;

/// <summary>One page over several protocols: what each found, and where the rest is.</summary>
/// <param name="reports">Of the protocols that ran, each written into a subfolder of its name; at least one.</param>
/// <param name="leftOut">Those that did not, with the reason.</param>
internal sealed class ProtocolSummary(IReadOnlyList<ProtocolReport> reports, IReadOnlyDictionary<string, string> leftOut)
{
    internal const string Name = "all";

    /// <summary>The page as a report, whose times are those of all protocols.</summary>
    internal ProtocolReport Make(string command) => reports[0] with
    {
        Protocol = Name, Paper = string.Join("; ", reports.Select(report => report.Paper)), DataSet = string.Join(", ", DataSets), Command = command, Page = Page(),
        Timing = reports.Any(report => report.Timing is null) ? null : reports.Select(report => report.Timing!).MaxBy(timing => timing.Finished)! with
        {
            Seconds = reports.Sum(report => report.Timing!.Seconds), Steps = reports.ToDictionary(report => report.Protocol, report => report.Timing!.Seconds),
        },
    };

    private IEnumerable<string> DataSets => reports.Select(report => report.DataSet).Distinct();

    private Page Page()
    {
        var warned = reports.Where(report => Count(report, Severity.Note) < report.Page.Findings.Count).ToArray();
        return new Page
        {
            Eyebrow = $"The papers' experiments again, {string.Join(", ", DataSets)}, preset {reports[0].Preset}",
            Title = $"{reports.Count} {(reports.Count == 1 ? "protocol" : "protocols")}: {(warned.Length == 0 ? "none has a warning" : $"{warned.Length} with reasons to doubt a claim or a number ({string.Join(", ", warned.Select(report => report.Protocol))})")}",
            Lead = ["Each section says what a protocol found, and leads to its page with all tables and figures.", .. leftOut.Count > 0 ? [$"Left out: {string.Join(", ", leftOut.Keys)}."] : Array.Empty<string>()],
            Findings = [.. leftOut.Select(each => new Finding(Severity.Note, $"{each.Key} did not run", each.Value, "Run it by itself on one of its own data sets."))],
            Sections = [new PageSection("At a glance") { Tables = [Glance()] }, .. reports.Select(Section)],
        };
    }

    private PageTable Glance() => new("", "protocol", ["data", "warnings", "notes", "what was found"],
    [
        .. reports.Select(report => new PageRow(report.Protocol,
        [
            PageCell.Of(report.DataSet), PageCell.Of($"{report.Page.Findings.Count - Count(report, Severity.Note)}"), PageCell.Of($"{Count(report, Severity.Note)}"), PageCell.Of(report.Page.Title),
        ]) { Description = report.Paper }),
    ]);

    private static PageSection Section(ProtocolReport report) => new($"{report.Protocol}: {report.Page.Title}")
    {
        Text = report.Page.Lead, Link = $"{report.Protocol}/protocol.html",
        Tables = report.Page.Findings.Count == 0 ? [] : [new PageTable("Findings", "what", ["weight", "about", "why", "what to do"],
        [
            .. report.Page.Findings.GroupBy(finding => finding with { Defense = null }).OrderByDescending(same => same.Key.Severity).Select(same => new PageRow(same.Key.Title,
            [
                PageCell.Of(same.Key.Severity.ToString().ToLowerInvariant()), PageCell.Of(string.Join(", ", same.Select(finding => finding.Defense).OfType<string>()) is { Length: > 0 } defenses ? defenses : "all"),
                PageCell.Of(same.Key.Reason), PageCell.Of(same.Key.Action),
            ])),
        ])],
    };

    private static int Count(ProtocolReport report, Severity severity) => report.Page.Findings.Count(finding => finding.Severity == severity);
}
