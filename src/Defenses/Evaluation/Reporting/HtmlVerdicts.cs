using Defenses.Pages;

namespace Defenses.Evaluation.Reporting;

/// <summary>For each defense whether its numbers can be believed: a badge, and why.</summary>
internal static class HtmlVerdicts
{
    /// <summary>What the verdicts are about, for those who would take "trustworthy" for praise of a defense.</summary>
    internal const string About = "A defense looks strong when the attack on it is weak. These are the verdicts of checks that look for that. They are about the numbers, not about the defense: "
        + "a weak defense whose weakness was measured well has trustworthy numbers.";

    internal static string Badge(Trustworthiness trust) => $"<span class=\"badge {ReportFormat.Of(trust)}\">{ReportFormat.Of(trust)} numbers</span>";

    internal static string Write(EvaluationReport report)
    {
        var rows = report.Verdicts.Select(verdict =>
            $"<li><span>{Badge(verdict.Trust)}</span><span><b>{Escaped.Html(verdict.Defense)}</b>{Because(verdict)}</span></li>");
        return $"""
            <section><h2>Can the numbers be believed?</h2><p>{About}{(report.Findings.Count > 0 ? " The reasons are below." : "")}</p>
            <ul class="verdicts">{string.Concat(rows)}</ul></section>
            """;
    }

    private static string Because(DefenseVerdict verdict) =>
        verdict.Because.Count == 0 ? "" : $"<small>{Escaped.Html(string.Join("; ", verdict.Because))}</small>";
}
