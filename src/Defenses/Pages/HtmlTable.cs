using System.Globalization;

namespace Defenses.Pages;

/// <summary>A table of a page as HTML: cards on a phone, or scrolled sideways where it is compact.</summary>
internal static class HtmlTable
{
    // More columns need small type to be whole on a printed page.
    private const int MostOnPaper = 9;

    internal static string Write(PageTable table)
    {
        var title = table.Title.Length == 0 ? "" : $"<h3>{Text(table.Title)}</h3>";
        var rows = string.Concat(table.Rows.Select(row => Row(table, row)));
        var style = table.Groups is not null ? "compact" : table.Columns.Count > MostOnPaper ? "summary wide" : "summary";
        return $"{title}{Note(table.Note)}{Note(table.CommonWhy)}" +
            HtmlShell.Scroll($"<table class=\"{style}\"><thead>{Head(table)}</thead><tbody>{rows}</tbody></table>", table.Title) +
            (table.IsSortable ? TableSorting.Script : "");
    }

    private static string Head(PageTable table)
    {
        var rows = table.Groups is null ? "" : " rowspan=\"2\"";
        var corner = table.RowTitle.Length == 0 ? $"<td{rows}></td>" : $"<th scope=\"col\"{rows} class=\"who\">{Text(table.RowTitle)}</th>";
        var why = table.HasWhyColumn ? $"<th scope=\"col\"{rows} class=\"why\">Why it differs</th>" : "";
        if (table.Groups is not { } groups) return $"<tr>{corner}{string.Concat(table.Columns.Select((_, i) => Name(table, i, "")))}{why}</tr>";
        var upper = new List<string>();
        for (var i = 0; i < groups.Count;)
        {
            var count = groups.Skip(i).TakeWhile(name => groups[i] is not null && name == groups[i]).Count();
            upper.Add(count == 0 ? Name(table, i, rows) : $"<th scope=\"colgroup\" colspan=\"{count}\">{Text(groups[i]!)}</th>");
            i += Math.Max(1, count);
        }
        var lower = groups.Select((name, i) => name is null ? "" : Name(table, i, ""));
        return $"<tr>{corner}{string.Concat(upper)}{why}</tr><tr>{string.Concat(lower)}</tr>";
    }

    private static string Name(PageTable table, int column, string rows)
    {
        var note = table.ColumnNotes?[column] is { Length: > 0 } text ? $"<small>{Text(text)}</small>" : "";
        return $"<th scope=\"col\"{rows}{(IsProse(table, column) ? " class=\"words\"" : "")}>{Text(table.Columns[column])}{note}</th>";
    }

    private static string Row(PageTable table, PageRow row)
    {
        var name = row.Color is { } color ? $"<span class=\"name\">{Markers.Swatch(color)}{Text(row.Name)}</span>" : Text(row.Name);
        if (row.Link is { } link) name = $"<a href=\"{Text(link)}\">{name}</a>";
        var more = (row.Description is { } what ? $"<small>{Text(what)}</small>" : "") + (row.Badge is { } badge ? HtmlShell.Badge(badge) : "");
        var why = table.HasWhyColumn ? $"<td class=\"why\">{Text(row.Why ?? "")}</td>" : "";
        return $"<tr><th scope=\"row\" class=\"who\">{name}{more}</th>{string.Concat(row.Cells.Select((cell, i) => Cell(table, row, cell, i)))}{why}</tr>";
    }

    private static string Cell(PageTable table, PageRow row, PageCell cell, int column)
    {
        // The label shows where the table is too narrow for its head.
        var label = table.Groups is null ? $" data-label=\"{Text(table.Columns[column])}\"" : "";
        var order = table.IsSortable && cell.Value is { } number ? $" data-sort=\"{number.ToString("R", CultureInfo.InvariantCulture)}\"" : "";
        return $"<td{Style(table, cell, column)}{label}{order}>{Content(cell, row.Why is not null)}{(cell.HasBar ? Bar(cell, row.Color ?? 0) : "")}</td>";
    }

    private static string Style(PageTable table, PageCell cell, int column) => table.IsTinted && cell is { Unit: NumberUnit.Percent, Value: { } rate }
        ? $" class=\"tint\" style=\"--share:{SvgChart.F(100 * Math.Clamp(rate, 0, 1))}%\""
        : IsProse(cell) || IsProse(table, column) ? " class=\"words\"" : "";

    // A column of text stands at the left, whole, if one of its cells is long.
    private static bool IsProse(PageTable table, int column) =>
        table.Rows.All(row => row.Cells[column].Value is null) && table.Rows.Any(row => IsProse(row.Cells[column]));

    // Sentences stand at the left, and have the whole width of a phone.
    private static bool IsProse(PageCell cell) => cell.Value is null && cell.Text is { Length: > 24 };

    private static string Content(PageCell cell, bool hasReason) => cell.Value is null && cell.Text is { } text
        ? Text(text)
        : $"<b>{Text(cell.ValueText)}</b>{Line("range", cell.AsideText)}{Line("range", cell.RangeText)}{Line("paper", cell.PaperText(hasReason))}";

    private static string Line(string style, string text) => text.Length == 0 ? "" : $"<span class=\"{style}\">{Text(text)}</span>";

    private static string Bar(PageCell cell, int color)
    {
        if (cell is not { Value: { } rate, Range: { } range }) return "";
        var (style, width) = (Markers.Style(color), SvgChart.F(Math.Max(0.6, 100 * range.Width)));
        return "<svg class=\"bar\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" x=\"0\" y=\"3\" " +
            "width=\"100\" height=\"2\"/>" +
            $"<rect class=\"band {style}\" x=\"{SvgChart.F(100 * range.Lower)}\" y=\"0.5\" width=\"{width}\" height=\"7\"/>" +
            $"<rect class=\"mark {style}\" x=\"{SvgChart.F(Math.Clamp(100 * rate - 0.6, 0, 98.8))}\" y=\"0\" width=\"1.2\" height=\"8\"/></svg>";
    }

    private static string Note(string? note) => note is null ? "" : $"<p class=\"quiet\">{Text(note)}</p>";

    private static string Text(string text) => Escaped.Html(text);
}
