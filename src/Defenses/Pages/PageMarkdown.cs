using System.Text;

namespace Defenses.Pages;

/// <summary>Writes a page as Markdown.</summary>
internal sealed class PageMarkdown(Page page)
{
    private readonly StringBuilder _text = new();

    internal string Write()
    {
        Line($"# {Escape(page.Eyebrow)}").Line().Line($"**{Escape(page.Title)}**").Line();
        if (page.SafeToSay is { } safe) Line($"**Safe to say.** {Escape(safe)}").Line();
        if (page.Lead.Count > 0) Line(Escape(string.Join(" ", page.Lead))).Line();
        foreach (var tile in page.Tiles) Line($"- {Escape(tile.Name)}: {Escape($"{tile.Value} {tile.Note}".TrimEnd())}");
        if (page.Tiles.Count > 0) Line();
        Entries(page.Origin ?? []);
        if (page.Files is { Count: > 0 } files) Line($"Numbers: {string.Join(", ", files.Select(file => $"[{Escape(file)}]({file})"))}").Line();
        if (page.Opening is { } opening) Section(opening, 2);
        Findings();
        foreach (var sentence in PageReading.Of(page)) Line(Escape(sentence)).Line();
        foreach (var section in page.Sections) Section(section, 2);
        if (page.Method.Count > 0) Line("## How it was measured").Line();
        Entries(page.Method);
        var terms = Glossary.Of(_text.ToString(), page.Terms);
        if (terms.Count > 0) Line("## Terms and abbreviations").Line();
        Entries(terms);
        return _text.ToString().TrimEnd() + "\n";
    }

    private void Findings()
    {
        if (page.Findings.Count == 0) return;
        Line("## Read with care").Line().Line(FindingGroups.Meaning(page.Findings)).Line();
        foreach (var group in FindingGroups.Of(page.Findings)) Finding(group);
        Line();
    }

    private void Finding(FindingGroup group)
    {
        var (title, only) = ($"- **{group.Severity}: {Escape(group.Title)}**", group.Cases.Count == 1 ? $"{Escape(group.Cases[0].Reason)} " : "");
        Line($"{title}{Concerned(group.Defenses)}. {only}{Escape(group.Action)}".TrimEnd());
        if (group.Cases.Count == 1) return;
        foreach (var (reason, defenses) in group.Cases) Line($"  - {Escape(defenses.Count > 0 ? string.Join(", ", defenses) : "all")}: {Escape(reason)}");
    }

    private static string Concerned(IReadOnlyList<string> defenses) => defenses.Count > 0 ? $" ({Escape(string.Join(", ", defenses))})" : "";

    private void Section(PageSection section, int level)
    {
        Heading(section.Title, level);
        foreach (var paragraph in section.Text) Line(Escape(paragraph)).Line();
        foreach (var table in section.Tables) Table(table, level + 1);
        foreach (var figure in section.Figures) Figure(figure, level + 1);
        foreach (var strip in section.Images ?? [])
            Line(Escape($"- {strip.Title} ({string.Join(", ", strip.Images.Select(image => image.Name))}): {strip.Caption} {strip.Note}".TrimEnd()));
        if (section.Images is { Count: > 0 }) Line();
        Entries(section.Method);
        foreach (var part in section.Details ?? []) Section(part, level + 1);
        if (section.Link is { } link) Line($"[More: {Escape(link)}]({link})").Line();
    }

    private void Table(PageTable table, int level)
    {
        Heading(table.Title, level);
        Note(table.Note);
        Note(table.CommonWhy);
        string[] why = table.HasWhyColumn ? ["Why it differs"] : [];
        Row([table.RowTitle, .. table.Columns.Select((_, i) => table.FullName(i) + (table.ColumnNotes?[i] is { Length: > 0 } note ? $" ({note})" : "")),
            .. why]);
        Row(Enumerable.Repeat("---", 1 + table.Columns.Count + why.Length));
        foreach (var row in table.Rows)
            Row([Name(row) + (row.Badge is { } badge ? $" ({badge.Text})" : ""), .. row.Cells.Select(cell => Cell(cell, row.Why is not null)),
                .. why.Select(_ => row.Why ?? "")]);
        Line();
    }

    private static string Name(PageRow row) => row.Link is { } link ? $"[{row.Name}]({link})" : row.Name;

    private static string Cell(PageCell cell, bool hasReason) =>
        string.Join(" ", new[] { cell.ValueText, cell.AsideText, cell.RangeText }.Where(part => part.Length > 0))
            + (cell.Paper is null ? "" : $"; {cell.PaperText(hasReason)}");

    private void Figure(Figure figure, int level)
    {
        Heading(figure.Title, level);
        Note(figure.Note);
        if (figure is HeatMapFigure map) Map(map);
        else if (figure is PlotFigure plot) Points(plot);
    }

    private void Map(HeatMapFigure map)
    {
        Row([map.RowTitle, .. map.Columns]);
        Row(Enumerable.Repeat("---", 1 + map.Columns.Count));
        for (var i = 0; i < map.Rows.Count; i++)
            Row([map.Rows[i], .. map.Values[i].Select(value => value is { } number ? NumberFormat.Number(number, map.Unit) : NumberFormat.None)]);
        Line();
    }

    // Long curves are thinned: the page and the JSON have all points.
    private void Points(PlotFigure plot)
    {
        const int Most = 12;
        var (x, y) = (plot.X, plot.Y);
        foreach (var one in plot.Series)
        {
            var step = Math.Max(1, (int)Math.Ceiling(one.Points.Count / (double)Most));
            var points = one.Points.Where((_, i) => i % step == 0 || i == one.Points.Count - 1)
                .Select(point => $"{NumberFormat.Number(point.X, x.Unit)}: {NumberFormat.Number(point.Y, y.Unit)}");
            Line($"- {Escape(one.Name)} ({Escape(x.Title)}: {Escape(y.Title)}): {string.Join(", ", points)}");
        }
        if (plot.Series.Count > 0) Line();
    }

    private void Heading(string title, int level)
    {
        if (title.Length > 0) Line($"{new string('#', level)} {Escape(title)}").Line();
    }

    private void Note(string? note)
    {
        if (note is not null) Line(Escape(note)).Line();
    }

    private void Entries(IReadOnlyList<PageEntry> entries)
    {
        foreach (var entry in entries)
            Line(Escape($"- {entry.Name}: {string.Join("; ", new[] { entry.Badge?.Text ?? "", entry.Value, entry.Note }.Where(part => part.Length > 0))}"));
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
