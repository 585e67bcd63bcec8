namespace Defenses.Pages;

/// <summary>The common parts of all pages: the frame, scrolled parts, badges, the findings.</summary>
internal static class HtmlShell
{
    internal static string Write(string title, string body) =>
        $"""
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{Escaped.Html(title)}</title><style>{HtmlStyle.Text}</style></head><body><main>
        {body}
        </main></body></html>

        """;

    /// <summary>A part that is scrolled sideways where it is too wide, by the keyboard, too.</summary>
    internal static string Scroll(string content, string name) =>
        $"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{Escaped.Html(name.Length == 0 ? "table" : name)}\">{content}</div>";

    /// <summary>A short verdict in a field of its color.</summary>
    internal static string Badge(PageBadge badge) =>
        $"<span class=\"badge{(badge.Severity == Severity.Note ? "" : $" {badge.Severity.ToString().ToLowerInvariant()}")}\">{Escaped.Html(badge.Text)}</span>";

    internal static string Findings(IReadOnlyList<Finding> findings)
    {
        if (findings.Count == 0) return "";
        var cards = FindingGroups.Of(findings).Select(Card);
        return $"<section id=\"care\"><h2>Read with care</h2><p class=\"quiet\">{FindingGroups.Meaning(findings)}</p>" +
            $"<ul class=\"findings\">{string.Concat(cards)}</ul></section>";
    }

    private static string Card(FindingGroup group)
    {
        var tags = string.Concat(group.Defenses.Select(name => $"<span class=\"tag\">{Escaped.Html(name)}</span>"));
        return $"""
            <li class="{group.Severity.ToString().ToLowerInvariant()}">
            <b><span class="weight">{group.Severity}:</span> {Escaped.Html(group.Title)}</b>
            {(group.Cases is [var only] ? $"<p>{Escaped.Html(only.Reason)} <i>{Escaped.Html(group.Action)}</i></p>{tags}" : Cases(group))}</li>
            """;
    }

    // Several reasons behind one warning: folded on a screen, open on paper.
    private static string Cases(FindingGroup group)
    {
        var rows = string.Concat(group.Cases.Select(each =>
            $"<dt>{Escaped.Html(each.Defenses.Count == 0 ? "all" : string.Join(", ", each.Defenses))}</dt><dd>{Escaped.Html(each.Reason)}</dd>"));
        return $"<p><i>{Escaped.Html(group.Action)}</i></p><details><summary>{group.Cases.Count} cases</summary><dl class=\"method\">{rows}</dl></details>";
    }
}
