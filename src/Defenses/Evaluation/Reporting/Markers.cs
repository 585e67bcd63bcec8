namespace Defenses.Evaluation.Reporting;

/// <summary>Marks of points: each series has a shape of its own besides its colour, for those who cannot tell the colours, and for print without any.</summary>
internal static class Markers
{
    private static readonly string[] s_shapes =
    [
        "", "m-3.3-3.3h6.6v6.6h-6.6z", "m0-4.4l4.1 7.2h-8.2z", "m0-4.8l4.2 4.8l-4.2 4.8l-4.2-4.8z", "m0 4.4l4.1-7.2h-8.2z", "m-3.4-3.4l6.8 6.8m0-6.8l-6.8 6.8", "m-4.4 0h8.8m-4.4-4.4v8.8",
        "m-4.4 0l2.2-3.8h4.4l2.2 3.8l-2.2 3.8h-4.4z",
    ];

    /// <summary>A mark as SVG.</summary>
    /// <param name="number">Of the series: eight shapes, then again.</param>
    /// <param name="x">Its middle.</param>
    /// <param name="y">Its middle.</param>
    /// <param name="style">Classes besides those of the series.</param>
    /// <param name="hint">Shown when it is pointed at.</param>
    internal static string Draw(int number, double x, double y, string style = "", string hint = "")
    {
        var (classes, title) = ($"dot {CurveCharts.Series(number)}{style}", hint.Length == 0 ? "" : $"<title>{HtmlTables.Html(hint)}</title>");
        return number % s_shapes.Length == 0
            ? $"<circle class=\"{classes}\" cx=\"{SvgChart.F(x)}\" cy=\"{SvgChart.F(y)}\" r=\"3.6\">{title}</circle>"
            : $"<path class=\"{classes}\" d=\"M{SvgChart.F(x)} {SvgChart.F(y)}{s_shapes[number % s_shapes.Length]}\">{title}</path>";
    }
}
