namespace Defenses.Pages;

/// <summary>Explains how to read the parts of a page: once, and only for the parts that it has.</summary>
internal static class PageReading
{
    private const double UsualConfidence = 0.95;

    /// <summary>About the tables of a page.</summary>
    internal static IEnumerable<string> Of(Page page)
    {
        var cells = page.Sections.SelectMany(section => section.All).SelectMany(section => section.Tables).SelectMany(table => table.Rows)
            .SelectMany(row => row.Cells).ToArray();
        var parts = new List<string>();
        if (cells.Any(cell => cell.RangeText.Length > 0))
            parts.Add($"In brackets stands the range that a number is known within ({NumberFormat.Percent(page.Confidence ?? UsualConfidence, 0)} confidence): "
                + "numbers whose ranges overlap may differ by chance only.");
        if (cells.Any(cell => cell.Paper is not null))
            parts.Add("Behind “paper” stands the number that the paper prints"
                + (cells.Any(cell => PaperVerdict.Of(cell, hasReason: false).Length > 0) ? $", and what our range says of it. {PaperVerdict.Meaning}" : "."));
        if (cells.Any(cell => cell.Unit == NumberUnit.Points && cell.Value is not null)) parts.Add("Numbers with a sign and no unit are percentage points.");
        if (parts.Count > 0) yield return string.Join(" ", parts);
    }

    /// <summary>About a figure.</summary>
    internal static string? Of(Figure figure) => figure is CurveFigure curves && FigureDrawing.IsCrowded(curves.Series)
        ? "Bars: the range that a point is known within. Points of one place stand side by side, so that their bars can be told apart." : null;
}
