using System.Globalization;
using System.Text;

namespace Defenses.Pages;

/// <summary>A drawing area with two linear axes, as inline SVG whose colors come from the page's style.</summary>
internal sealed class SvgChart
{
    private const double Top = 12, Right = 14, Bottom = 40;
    private readonly StringBuilder _marks = new();
    private readonly double _width, _height, _left;
    private readonly (double Low, double High) _x, _y;

    internal SvgChart(double width, double height, (double Low, double High) x, (double Low, double High) y, bool hasYTitle = true) =>
        (_width, _height, _x, _y, _left) = (width, height, x, y, hasYTitle ? 62 : 44);

    /// <summary>A coordinate or a number as SVG text.</summary>
    internal static string F(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    internal double X(double value) => _left + (value - _x.Low) / (_x.High - _x.Low) * (_width - _left - Right);

    internal double Y(double value) => _height - Bottom - (value - _y.Low) / (_y.High - _y.Low) * (_height - Top - Bottom);

    /// <summary>Ticks in round steps: at least three, at most seven.</summary>
    internal static IEnumerable<double> Ticks(double low, double high)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10((high - low) / 3)));
        var step = new[] { 5, 2, 1 }.Select(factor => factor * power).First(step => step <= (high - low) / 3 * (1 + 1e-9));
        for (var i = Math.Ceiling(low / step - 1e-9); i * step <= high + step * 1e-9; i++) yield return i * step + 0.0;   // −0 + 0 is 0
    }

    internal SvgChart Axes(string xTitle, string yTitle, IEnumerable<(double At, string Text)> xTicks, IEnumerable<(double At, string Text)> yTicks)
    {
        foreach (var (at, text) in yTicks)
            Add($"<line class=\"grid\" x1=\"{F(_left)}\" x2=\"{F(_width - Right)}\" y1=\"{F(Y(at))}\" y2=\"{F(Y(at))}\"/>")
                .Text(_left - 7, Y(at) + 4, text, "tick", "end");
        foreach (var (at, text) in xTicks)
            Add($"<line class=\"axis\" x1=\"{F(X(at))}\" x2=\"{F(X(at))}\" y1=\"{F(_height - Bottom)}\" y2=\"{F(_height - Bottom + 4)}\"/>")
                .Text(X(at), _height - Bottom + 17, text, "tick", "middle");
        Add($"<line class=\"axis\" x1=\"{F(_left)}\" x2=\"{F(_width - Right)}\" y1=\"{F(_height - Bottom)}\" y2=\"{F(_height - Bottom)}\"/>");
        Text((_left + _width - Right) / 2, _height - 6, xTitle, "axis-title", "middle");
        return yTitle.Length == 0 ? this
            : Add("<text class=\"axis-title\" text-anchor=\"middle\" " +
                $"transform=\"translate(12 {F((Top + _height - Bottom) / 2)}) rotate(-90)\">{Escaped.Html(yTitle)}</text>");
    }

    internal SvgChart Line(IEnumerable<(double X, double Y)> points, string style, double shift = 0) =>
        Add($"<path class=\"line {style}\" d=\"M{string.Join("L", points.Select(point => $"{F(X(point.X) + shift)} {F(Y(point.Y))}"))}\"/>");

    /// <summary>The area between two lines, for intervals.</summary>
    internal SvgChart Band(IReadOnlyList<(double X, double Lower, double Upper)> points, string style)
    {
        var up = points.Select(point => $"{F(X(point.X))} {F(Y(point.Upper))}");
        var down = points.Reverse().Select(point => $"{F(X(point.X))} {F(Y(point.Lower))}");
        return Add($"<path class=\"band {style}\" d=\"M{string.Join("L", up.Concat(down))}Z\"/>");
    }

    /// <summary>A point of a series; the shift moves it sideways, in units of the drawing.</summary>
    internal SvgChart Dot(double x, double y, int number, string hint, string style = "", double shift = 0) =>
        Add(Markers.Draw(number, X(x) + shift, Y(y), style, hint));

    /// <summary>A line in data coordinates, cut to the drawing area by the page.</summary>
    internal SvgChart Segment(double x1, double y1, double x2, double y2, string style, double shift = 0) =>
        Add($"<line class=\"{style}\" x1=\"{F(X(x1) + shift)}\" y1=\"{F(Y(y1))}\" x2=\"{F(X(x2) + shift)}\" y2=\"{F(Y(y2))}\"/>");

    /// <summary>Text at drawing coordinates.</summary>
    internal SvgChart Text(double x, double y, string text, string style, string anchor) =>
        Add($"<text class=\"{style}\" x=\"{F(x)}\" y=\"{F(y)}\" text-anchor=\"{anchor}\">{Escaped.Html(text)}</text>");

    internal SvgChart Add(string mark)
    {
        _marks.Append(mark);
        return this;
    }

    internal string Write(string description) =>
        $"<svg class=\"chart\" viewBox=\"0 0 {F(_width)} {F(_height)}\" role=\"img\" aria-label=\"{Escaped.Html(description)}\">{_marks}</svg>";
}
