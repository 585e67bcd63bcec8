namespace Defenses.Pages;

/// <summary>Marks of points: each series has its own shape besides its color, for color-blind readers and for print in grey.</summary>
internal static class Markers
{
    private static readonly string[] s_shapes =
    [
        "", "m-3.3-3.3h6.6v6.6h-6.6z", "m0-4.4l4.1 7.2h-8.2z", "m0-4.8l4.2 4.8l-4.2 4.8l-4.2-4.8z", "m0 4.4l4.1-7.2h-8.2z",
        "m-3.4-3.4l6.8 6.8m0-6.8l-6.8 6.8", "m-4.4 0h8.8m-4.4-4.4v8.8",
        "m-4.8-1.7h9.6v3.4h-9.6z",
    ];

    // In place of the crosses, which cannot be filled, among the second eight.
    private static readonly Dictionary<int, string> s_filled = new()
    {
        [13] = "m-3.8-3.8h7.6l-7.6 7.6h7.6z",
        [14] = "m0-5.2l1.5 3.7l3.7 1.5l-3.7 1.5l-1.5 3.7l-1.5-3.7l-3.7-1.5l3.7-1.5z",
    };

    /// <summary>A mark as SVG.</summary>
    /// <param name="number">The number of the series: eight shapes, then eight that are filled, then again.</param>
    /// <param name="x">The horizontal center.</param>
    /// <param name="y">The vertical center.</param>
    /// <param name="style">Classes besides those of the series.</param>
    /// <param name="hint">The text at the pointer.</param>
    internal static string Draw(int number, double x, double y, string style = "", string hint = "")
    {
        var shape = s_filled.GetValueOrDefault(number % Colors, s_shapes[number % s_shapes.Length]);
        var (classes, title) = ($"dot {Style(number)}{style}", hint.Length == 0 ? "" : $"<title>{Escaped.Html(hint)}</title>");
        return number % s_shapes.Length == 0
            ? $"<circle class=\"{classes}\" cx=\"{SvgChart.F(x)}\" cy=\"{SvgChart.F(y)}\" r=\"3.6\">{title}</circle>"
            : $"<path class=\"{classes}\" d=\"M{SvgChart.F(x)} {SvgChart.F(y)}{shape}\">{title}</path>";
    }

    /// <summary>The number of colors. Any two differ clearly, for color-blind readers, too.</summary>
    internal const int Colors = 16;

    /// <summary>The style of a series by its number: each has its own color; the second eight have dashes and filled marks, too, so that they
    /// differ without colors.</summary>
    internal static string Style(int number) => $"s{number % Colors}{(number % Colors >= Colors / 2 ? " again" : "")}";

    /// <summary>The line and the mark of a series, and its name; the style holds further classes of the line.</summary>
    internal static string Key(int number, string name, string style = "", bool hasMark = true) =>
        $"<span class=\"key\"><svg viewBox=\"0 0 26 10\" aria-hidden=\"true\"><path class=\"line {Style(number)}{style}\" d=\"M1 5H25\"/>" +
        $"{(hasMark ? Draw(number, 13, 5) : "")}</svg>{Escaped.Html(name)}</span>";

    /// <summary>The mark by itself, before a name.</summary>
    internal static string Swatch(int number) => $"<svg class=\"swatch\" viewBox=\"-6 -6 12 12\" aria-hidden=\"true\">{Draw(number, 0, 0)}</svg>";
}
