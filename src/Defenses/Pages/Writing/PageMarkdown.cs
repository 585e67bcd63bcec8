using System.Text;

namespace Defenses.Pages;

/// <summary>Writes a page as Markdown.</summary>
internal sealed class PageMarkdown(Page page)
{
    private readonly StringBuilder _text = new();

    internal string Write()
    {
        Line($"# {Escape(page.Eyebrow)}").Line().Line($"**{Escape(page.Title)}**").Line();
        if (page.Lead.Count > 0) Line(Escape(string.Join(" ", page.Lead))).Line();
        foreach (var tile in page.Tiles) Line($"- {Escape(tile.Name)}: {Escape($"{tile.Value} {tile.Note}".TrimEnd())}");
        if (page.Tiles.Count > 0) Line();
        Findings();
        foreach (var sentence in PageReading.Of(page)) Line(Escape(sentence)).Line();
        foreach (var section in page.Sections) Section(section);
        if (page.Method.Count > 0) Line("## How it was measured").Line();
        Entries(page.Method);
        Terms(Glossary.Of(_text.ToString()));
        return _text.ToString().TrimEnd() + "\n";
    }

    private void Findings()
    {
        if (page.Findings.Count == 0) return;
        Line("## Read with care").Line().Line(HtmlShell.Weights(page.Findings)).Line();
        foreach (var (finding, defenses) in FindingGroups.Of(page.Findings))
            Line($"- **{finding.Severity}: {Escape(finding.Title)}**{(defenses.Count > 0 ? $" ({Escape(string.Join(", ", defenses))})" : "")}. {Escape(finding.Reason)} {Escape(finding.Action)}".TrimEnd());
        Line();
    }

    private void Terms(IReadOnlyList<(string Term, string Meaning)> terms)
    {
        if (terms.Count > 0) Line("## Words and abbreviations").Line();
        foreach (var (term, meaning) in terms) Line($"- {Escape(term)}: {Escape(meaning)}");
    }

    private void Section(PageSection section)
    {
        Line($"## {Escape(section.Title)}").Line();
        foreach (var paragraph in section.Text) Line(Escape(paragraph)).Line();
        foreach (var table in section.Tables) Table(table);
        foreach (var figure in section.Figures) Figure(figure);
        Entries(section.Method);
        if (section.Link is { } link) Line($"[More: {Escape(link)}]({link})").Line();
    }

    private void Table(PageTable table)
    {
        Head(table.Title, table.Note);
        if (table.CommonWhy is { } why) Line(Escape(why)).Line();
        var hasWhy = table.HasWhyColumn;
        Row([table.RowTitle, .. table.Columns, .. hasWhy ? ["Why it differs"] : Array.Empty<string>()]);
        Row(Enumerable.Repeat("---", 1 + table.Columns.Count + (hasWhy ? 1 : 0)));
        foreach (var row in table.Rows) Row([row.Name, .. row.Cells.Select(Cell), .. hasWhy ? [row.Why ?? ""] : Array.Empty<string>()]);
        Line();
    }

    private static string Cell(PageCell cell) => string.Join(" ", new[] { cell.ValueText, cell.AsideText, cell.RangeText }.Where(part => part.Length > 0)) + (cell.PaperText.Length > 0 ? $"; {cell.PaperText}" : "");

    private void Figure(Figure figure)
    {
        Head(figure.Title, figure.Note);
        switch (figure)
        {
            case HeatMapFigure map:
                Row([map.RowTitle, .. map.Columns]);
                Row(Enumerable.Repeat("---", 1 + map.Columns.Count));
                for (var i = 0; i < map.Rows.Count; i++) Row([map.Rows[i], .. map.Values[i].Select(value => value is { } number ? NumberFormat.Number(number, map.Unit) : NumberFormat.None)]);
                Line();
                break;
            case CurveFigure curves: Points(curves.X, curves.Y, curves.Series); break;
            case ScatterFigure scatter: Points(scatter.X, scatter.Y, scatter.Series); break;
        }
    }

    // Long curves are thinned: the page and the JSON have all points.
    private void Points(FigureAxis x, FigureAxis y, IReadOnlyList<FigureSeries> series)
    {
        const int Most = 12;
        foreach (var one in series)
        {
            var step = Math.Max(1, (int)Math.Ceiling(one.Points.Count / (double)Most));
            var points = one.Points.Where((_, i) => i % step == 0 || i == one.Points.Count - 1).Select(point => $"{NumberFormat.Number(point.X, x.Unit)}: {NumberFormat.Number(point.Y, y.Unit)}");
            Line($"- {Escape(one.Name)} ({Escape(x.Title)}: {Escape(y.Title)}): {string.Join(", ", points)}");
        }
        if (series.Count > 0) Line();
    }

    private void Head(string title, string? note)
    {
        if (title.Length > 0) Line($"### {Escape(title)}").Line();
        if (note is not null) Line(Escape(note)).Line();
    }

    private void Entries(IReadOnlyList<PageEntry> entries)
    {
        foreach (var entry in entries) Line($"- {Escape(entry.Name)}: {Escape(entry.Note.Length > 0 ? $"{entry.Value}; {entry.Note}" : entry.Value)}");
        if (entries.Count > 0) Line();
    }

    private void Row(params IEnumerable<string> cells) => Line($"| {string.Join(" | ", cells.Select(cell => Escape(cell).Trim()))} |");

    private static string Escape(string text) => Escaped.Markdown(text);

    private PageMarkdown Line(string text = "")
    {
        _text.Append(text).Append('\n');
        return this;
    }
}
