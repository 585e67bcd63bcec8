namespace Defenses.Pages;

/// <summary>Writes a page as HTML.</summary>
internal sealed class PageHtml(Page page)
{
    internal string Write() => HtmlShell.Write(
        page.Eyebrow, HtmlShell.Explained(Header() + HtmlShell.Findings(page.Findings) + Contents(), string.Concat(PageReading.Of(page).Select(Note)) + string.Concat(page.Sections.Select(Section)) + Method()));

    private string Header() =>
        $"""
        <header><p class="eyebrow">{Text(page.Eyebrow)}</p><h1>{Text(page.Title)}</h1>
        {string.Concat(page.Lead.Select(sentence => $"<p class=\"lead\">{Text(sentence)}</p>"))}
        {(page.Tiles.Count == 0 ? "" : $"<dl class=\"tiles\">{string.Concat(page.Tiles.Select(tile => HtmlShell.Tile(tile.Name, Text(tile.Value), tile.Note)))}</dl>")}</header>
        """;

    private string Contents() => page.Sections.Count < 4
        ? ""
        : $"<nav class=\"contents\"><ol>{string.Concat(page.Sections.Select((section, i) => $"<li><a href=\"#s{i + 1}\">{Text(section.Title)}</a></li>"))}</ol></nav>";

    private string Section(PageSection section, int number)
    {
        var text = string.Concat(section.Text.Select(paragraph => $"<p>{Text(paragraph)}</p>"));
        return $"<section id=\"s{number + 1}\"><h2>{Text(section.Title)}</h2>{text}{string.Concat(section.Tables.Select(Table))}{Figures(section.Figures)}{Entries(section.Method)}{More(section.Link)}</section>";
    }

    private static string More(string? link) => link is null ? "" : $"<p><a href=\"{Text(link)}\">More: {Text(link)}</a></p>";

    private static string Table(PageTable table)
    {
        var (why, hasWhy) = (table.CommonWhy, table.HasWhyColumn);
        var head = $"{(table.RowTitle.Length == 0 ? "<td></td>" : $"<th scope=\"col\" class=\"who\">{Text(table.RowTitle)}</th>")}{string.Concat(table.Columns.Select(name => $"<th scope=\"col\">{Text(name)}</th>"))}{(hasWhy ? "<th scope=\"col\" class=\"why\">Why it differs</th>" : "")}";
        var title = table.Title.Length == 0 ? "" : $"<h3>{Text(table.Title)}</h3>";
        var rows = string.Concat(table.Rows.Select(row => Row(table, row, hasWhy)));
        return $"{title}{Note(table.Note)}{Note(why)}{HtmlShell.Scroll($"<table class=\"summary\"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>", table.Title)}";
    }

    private static string Row(PageTable table, PageRow row, bool hasWhy)
    {
        var cells = row.Cells.Select((cell, i) => $"<td{(IsProse(cell) ? " class=\"words\"" : "")} data-label=\"{Text(table.Columns[i])}\">{Cell(cell)}</td>");
        var what = row.Description is { } description ? $"<small>{Text(description)}</small>" : "";
        return $"<tr><th scope=\"row\" class=\"who\">{Text(row.Name)}{what}</th>{string.Concat(cells)}{(hasWhy ? $"<td class=\"why\">{Text(row.Why ?? "")}</td>" : "")}</tr>";
    }

    // Sentences stand at the left, and have the whole width of a phone.
    private static bool IsProse(PageCell cell) => cell.Value is null && cell.Text is { Length: > 24 };

    private static string Cell(PageCell cell) => cell.Value is null && cell.Text is { } words
        ? Text(words)
        : $"<b>{Text(cell.ValueText)}</b>{Line("range", cell.AsideText)}{Line("range", cell.RangeText)}{Line("paper", cell.PaperText)}";

    private static string Line(string style, string text) => text.Length == 0 ? "" : $"<span class=\"{style}\">{Text(text)}</span>";

    private static string Figures(IReadOnlyList<Figure> figures)
    {
        if (figures.Count == 0) return "";
        var wide = string.Concat(figures.OfType<HeatMapFigure>().Select(figure => $"<h3>{Text(figure.Title)}</h3>{Note(figure.Note)}{figure.Draw()}"));
        var paired = string.Concat(figures.Where(figure => figure is not HeatMapFigure).Select(figure => $"<div><h3>{Text(figure.Title)}</h3>{Note(figure.Note)}{Note(PageReading.Of(figure))}{figure.Draw()}</div>"));
        return (paired.Length == 0 ? "" : $"<div class=\"pair plots\">{paired}</div>") + wide;
    }

    private string Method() => page.Method.Count == 0 ? "" : $"<section><h2>How it was measured</h2>{Entries(page.Method)}</section>";

    private static string Entries(IReadOnlyList<PageEntry> entries) => entries.Count == 0
        ? ""
        : $"<dl class=\"method\">{string.Concat(entries.Select(entry => $"<dt>{Text(entry.Name)}</dt><dd>{Text(entry.Value)}{(entry.Note.Length > 0 ? $" <small>{Text(entry.Note)}</small>" : "")}</dd>"))}</dl>";

    private static string Note(string? note) => note is null ? "" : $"<p class=\"quiet\">{Text(note)}</p>";

    private static string Text(string text) => Escaped.Html(text);
}
