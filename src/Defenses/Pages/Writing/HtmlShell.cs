namespace Defenses.Pages;

/// <summary>What all pages have in common: the frame, the tiles at the top, the findings.</summary>
internal static class HtmlShell
{
    internal static string Write(string title, string body) =>
        $"""
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
        <title>{Escaped.Html(title)}</title><style>{HtmlStyle.Text}</style></head><body><main>
        {body}
        </main></body></html>

        """;

    /// <summary>A part that is scrolled sideways where it is too wide, by the keyboard, too.</summary>
    internal static string Scroll(string content, string name) =>
        $"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{Escaped.Html(name.Length == 0 ? "table" : name)}\">{content}</div>";

    internal static string Tile(string name, string value, string note) => $"<div><dt>{Escaped.Html(name)}</dt><dd>{value}</dd><dd class=\"quiet\">{Escaped.Html(note)}</dd></div>";

    /// <summary>The parts of a page, with the words that occur in them explained between the two.</summary>
    internal static string Explained(string first, string rest) => first + Glossary.Html(first + rest) + rest;

    internal static string Findings(IReadOnlyList<Finding> findings)
    {
        if (findings.Count == 0) return "";
        var cards = FindingGroups.Of(findings).Select(group =>
            $"""
            <li class="{group.Finding.Severity.ToString().ToLowerInvariant()}"><b><span class="weight">{group.Finding.Severity}:</span> {Escaped.Html(group.Finding.Title)}</b>
            <p>{Escaped.Html(group.Finding.Reason)} <i>{Escaped.Html(group.Finding.Action)}</i></p>
            {string.Concat(group.Defenses.Select(name => $"<span class=\"tag\">{Escaped.Html(name)}</span>"))}</li>
            """);
        return $"<section><h2>Read with care</h2><p class=\"quiet\">{Weights(findings)}</p><ul class=\"findings\">{string.Concat(cards)}</ul></section>";
    }

    /// <summary>What the weights of the findings mean, of those that occur.</summary>
    internal static string Weights(IReadOnlyList<Finding> findings) => string.Join(" ", findings.Select(finding => finding.Severity).Distinct().OrderDescending().Select(severity => severity switch
    {
        Severity.Invalid => "Invalid: do not use these numbers.",
        Severity.Warning => "Warning: a number or a claim here is weaker than it looks.",
        _ => "Note: good to know, nothing is wrong.",
    }));
}
