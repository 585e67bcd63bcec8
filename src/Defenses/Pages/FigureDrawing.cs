using Defenses.Statistics;

namespace Defenses.Pages;

/// <summary>Draws points and curves in a frame that holds all of them.</summary>
internal sealed class FigureDrawing
{
    // With more curves the bands of intervals hide each other; then bars side by side replace them.
    private const int MostBands = 3;
    private readonly PlotFigure _figure;
    private readonly FigureAxis _x, _y;
    private readonly IReadOnlyList<FigureSeries> _series;
    private readonly (double Low, double High) _along, _up;
    private readonly SvgChart _chart;

    // alsoHolds: numbers that both axes must reach besides the points.
    internal FigureDrawing(PlotFigure figure, IReadOnlyList<double> alsoHolds)
    {
        (_figure, _x, _y, _series) = (figure, figure.X, figure.Y, figure.Series);
        var points = _series.SelectMany(one => one.Points.Concat(one.Fit ?? [])).ToArray();
        _along = Range(_x, [.. points.SelectMany(point => All(point.X, point.XRange)), .. alsoHolds]);
        _up = Range(_y, [.. points.SelectMany(point => All(point.Y, point.YRange)), .. alsoHolds]);
        var (width, height) = figure.IsSmall ? (320, 220) : (460, 320);
        _chart = new SvgChart(width, height, _along, _up, hasYTitle: !figure.IsSmall)
            .Axes(_x.Title, figure.IsSmall ? "" : _y.Title, Ticks(_x, _along), Ticks(_y, _up));
    }

    internal string Curves(CurveFigure figure)
    {
        if (figure.HasDiagonal) _chart.Segment(0, 0, 1, 1, "zero");
        var isCrowded = IsCrowded(_series);
        for (var i = _series.Count - 1; i >= 0; i--)
        {
            var (points, shift) = (_series[i].Points, isCrowded ? 4 * (i - (_series.Count - 1) / 2.0) : 0);
            if (points.Count == 0) continue;
            if (isCrowded) foreach (var point in points) Bar(point, $"whisker thin {Style(i)}", shift);
            else if (HasBand(_series[i])) _chart.Band(
                [.. points.Select(point => Band(point))], $"{Style(i)} {(_series.Count(HasBand) > 1 ? "faint" : "")}".TrimEnd());
            _chart.Line(points.Select(point => (Place(_x, point.X), Place(_y, point.Y))), Style(i) + Dashes(i, figure), shift);
            // A reference in a small figure is a line alone.
            if (figure.HasDots && !(figure.IsSmall && _series[i].IsReference)) Dots(i, shift);
        }
        return Written(i => Markers.Key(Number(i), Name(i), Dashes(i, figure), figure.HasDots), figure.HasDiagonal ? GuessKey : "");
    }

    /// <summary>Whether the intervals of the curves are drawn as bars side by side.</summary>
    internal static bool IsCrowded(IReadOnlyList<FigureSeries> series) => series.Count(HasBand) > MostBands;

    internal string Scatter(ScatterFigure figure)
    {
        if (!_x.IsLogarithmic && !_y.IsLogarithmic) Lines(figure.Lines ?? []);
        if (figure.HasZeroLines) _chart.Segment(_along.Low, 0, _along.High, 0, "zero").Segment(0, _up.Low, 0, _up.High, "zero");
        for (var i = _series.Count - 1; i >= 0; i--)
        {
            if (_series[i].Fit is { Count: > 1 } fit) _chart.Line(fit.Select(point => (Place(_x, point.X), Place(_y, point.Y))), $"{Style(i)} reference");
            foreach (var point in _series[i].Points) Whiskers(point, $"whisker {Style(i)}");
            Dots(i);
        }
        return Written(i => Markers.Key(Number(i), Name(i), " hidden"));
    }

    private const string GuessKey =
        "<span class=\"key\"><svg viewBox=\"0 0 26 10\" aria-hidden=\"true\"><path class=\"zero\" d=\"M1 5H25\"/></svg>a coin</span>";

    // Inside the frame; a name stands at the end of its line, where there is room beside the one before.
    private void Lines(IReadOnlyList<FigureLine> lines)
    {
        const double Room = 52;
        var last = double.PositiveInfinity;
        foreach (var line in lines)
        {
            double At(double y) => line.Slope == 0 ? double.NegativeInfinity : (y - line.Intercept) / line.Slope;
            var ends = line.Slope == 0 ? (_along.Low, _along.High) : (Math.Min(At(_up.Low), At(_up.High)), Math.Max(At(_up.Low), At(_up.High)));
            var (from, to) = (Math.Max(_along.Low, ends.Item1), Math.Min(_along.High, ends.Item2));
            if (to <= from) continue;
            double Up(double x) => line.Slope * x + line.Intercept;
            _chart.Segment(from, Up(from), to, Up(to), "ray");
            var isCut = to < _along.High;
            if (isCut && last - _chart.X(to) < Room) continue;
            _chart.Text(_chart.X(to) + (isCut ? 3 : -3), _chart.Y(Up(to)) + (isCut ? 9 : -4), line.Name, "ray-name", isCut ? "start" : "end");
            if (isCut) last = _chart.X(to);
        }
    }

    private (double X, double Lower, double Upper) Band(FigurePoint point) =>
        (Place(_x, point.X), Place(_y, point.YRange!.Value.Lower), Place(_y, point.YRange!.Value.Upper));

    private static bool HasBand(FigureSeries series) => !series.IsReference && series.Points.Count > 0 && series.Points.All(point => point.YRange is not null);

    // Where there are no marks, curves differ in their dashes, too.
    private string Dashes(int i, CurveFigure figure) => _series[i].IsReference ? " reference" : figure.HasDots ? "" : $" d{Number(i) % 4}";

    private void Dots(int number, double shift = 0)
    {
        foreach (var point in _series[number].Points)
            _chart.Dot(Place(_x, point.X), Place(_y, point.Y), Number(number), Hint(point, _series[number]), Reference(number), shift);
    }

    private string Hint(FigurePoint point, FigureSeries series) =>
        $"{point.Label ?? series.Name}: {Said(_x, point.X, point.XRange)}, {Said(_y, point.Y, point.YRange)}";

    private static string Said(FigureAxis axis, double value, Interval? range) =>
        $"{axis.Title} {NumberFormat.Number(value, axis.Unit)}{(range is { } known ? $" {NumberFormat.Range(known, axis.Unit)}" : "")}";

    // Filled where the marks of its color are open, and the other way round.
    private string Reference(int number) => !_series[number].IsReference ? "" : Style(number).EndsWith("again", StringComparison.Ordinal) ? " open" : " again";

    private void Whiskers(FigurePoint point, string style)
    {
        var (x, y) = (Place(_x, point.X), Place(_y, point.Y));
        if (point.XRange is { } across) _chart.Segment(Place(_x, across.Lower), y, Place(_x, across.Upper), y, style);
        Bar(point, style);
    }

    private void Bar(FigurePoint point, string style, double shift = 0)
    {
        if (point.YRange is { } up) _chart.Segment(Place(_x, point.X), Place(_y, up.Lower), Place(_x, point.X), Place(_y, up.Upper), style, shift);
    }

    private string Written(Func<int, string> key, string more = "")
    {
        var legend = _figure.IsSmall ? "" : $"<figcaption class=\"legend\">{string.Concat(Enumerable.Range(0, _series.Count).Select(key))}{more}</figcaption>";
        return $"<figure>{_chart.Write($"{_figure.Title}: {_y.Title} against {_x.Title}")}{legend}</figure>";
    }

    private string Name(int i) => _series[i].Name + (_series[i].Points.Count == 0 ? " (no points)" : "");

    private int Number(int series) => _series[series].Color ?? series;

    private string Style(int number) => Markers.Style(Number(number));

    private static double Place(FigureAxis axis, double value) => axis.IsLogarithmic ? Math.Log10(Math.Max(value, double.Epsilon)) : value;

    private static IEnumerable<double> All(double value, Interval? range) => range is { } r ? [value, r.Lower, r.Upper] : [value];

    // In places: logarithms on a logarithmic axis.
    private static (double Low, double High) Range(FigureAxis axis, IReadOnlyList<double> values)
    {
        var places = values.Where(value => double.IsFinite(value) && (!axis.IsLogarithmic || value > 0)).Select(value => Place(axis, value))
            .DefaultIfEmpty(0).ToArray();
        var (low, high) = (axis.Low is { } least ? Place(axis, least) : places.Min(), axis.High is { } most ? Place(axis, most) : places.Max());
        if (high <= low) (low, high) = (low - 0.5, low + 0.5);
        var margin = 0.05 * (high - low);
        return (axis.Low is null ? low - margin : low, axis.High is null ? high + margin : high);
    }

    private static IEnumerable<(double, string)> Ticks(FigureAxis axis, (double Low, double High) range)
    {
        if (axis.Ticks is { } chosen) return chosen.Select(at => (Place(axis, at), NumberFormat.Tick(at, axis.Unit)));
        if (!axis.IsLogarithmic) return SvgChart.Ticks(range.Low, range.High).Select(at => (at, NumberFormat.Tick(at, axis.Unit)));
        var (first, last) = ((int)Math.Ceiling(range.Low), (int)Math.Floor(range.High));
        return range.High - range.Low >= 2
            ? Enumerable.Range(first, last - first + 1).Select(power => ((double)power, NumberFormat.Tick(Math.Pow(10, power), axis.Unit)))
            : SvgChart.Ticks(Math.Pow(10, range.Low), Math.Pow(10, range.High)).Where(at => at > 0)
                .Select(at => (Math.Log10(at), NumberFormat.Tick(at, axis.Unit)));
    }
}
