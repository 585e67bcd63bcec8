using Defenses.Statistics;

namespace Defenses.Evaluation.Reporting.Pages;

/// <summary>Draws points and curves in a frame that holds all of them.</summary>
internal sealed class FigureDrawing
{
    private const double Width = 460, Height = 320;
    private readonly FigureAxis _x, _y;
    private readonly IReadOnlyList<FigureSeries> _series;
    private readonly SvgChart _chart;

    // alsoHolds: numbers that both axes must reach besides the points.
    internal FigureDrawing(FigureAxis x, FigureAxis y, IReadOnlyList<FigureSeries> series, IReadOnlyList<double> alsoHolds)
    {
        (_x, _y, _series) = (x, y, series);
        var points = series.SelectMany(one => one.Points.Concat(one.Fit ?? [])).ToArray();
        var (along, up) = (Range(x, [.. points.SelectMany(point => All(point.X, point.XRange)), .. alsoHolds]), Range(y, [.. points.SelectMany(point => All(point.Y, point.YRange)), .. alsoHolds]));
        _chart = new SvgChart(Width, Height, along, up).Axes(x.Title, y.Title, Ticks(x, along), Ticks(y, up));
    }

    internal string Curves(CurveFigure figure)
    {
        if (figure.HasDiagonal) _chart.Segment(0, 0, 1, 1, "zero");
        for (var i = _series.Count - 1; i >= 0; i--)
        {
            var points = _series[i].Points;
            if (points.Count == 0) continue;
            if (!_series[i].IsReference && points.All(point => point.YRange is not null))
                _chart.Band([.. points.Select(point => (Place(_x, point.X), Place(_y, point.YRange!.Value.Lower), Place(_y, point.YRange!.Value.Upper)))], $"{Style(i)} faint");
            _chart.Line(points.Select(point => (Place(_x, point.X), Place(_y, point.Y))), $"{Style(i)}{(_series[i].IsReference ? " reference" : "")}");
            if (figure.HasDots) Dots(i);
        }
        return Written(figure);
    }

    internal string Scatter(ScatterFigure figure)
    {
        for (var i = _series.Count - 1; i >= 0; i--)
        {
            if (_series[i].Fit is { Count: > 1 } fit) _chart.Line(fit.Select(point => (Place(_x, point.X), Place(_y, point.Y))), $"{Style(i)} reference");
            foreach (var point in _series[i].Points) Whiskers(point, $"whisker {Style(i)}");
            Dots(i);
        }
        return Written(figure);
    }

    private void Dots(int number)
    {
        foreach (var point in _series[number].Points)
            _chart.Dot(Place(_x, point.X), Place(_y, point.Y), Style(number) + (_series[number].IsReference ? " again" : ""),
                $"{point.Label ?? _series[number].Name}: {_x.Title} {Words.Number(point.X, _x.Unit)}, {_y.Title} {Words.Number(point.Y, _y.Unit)}{(point.YRange is { } range ? $" {Words.Range(range, _y.Unit)}" : "")}");
    }

    private void Whiskers(FigurePoint point, string style)
    {
        var (x, y) = (Place(_x, point.X), Place(_y, point.Y));
        if (point.XRange is { } across) _chart.Segment(Place(_x, across.Lower), y, Place(_x, across.Upper), y, style);
        if (point.YRange is { } up) _chart.Segment(x, Place(_y, up.Lower), x, Place(_y, up.Upper), style);
    }

    private string Written(Figure figure)
    {
        var legend = _series.Select((series, i) => CurveCharts.Key(Style(i) + (series.IsReference ? " reference" : ""), series.Name + (series.Points.Count == 0 ? " (no points)" : "")));
        return $"<figure>{_chart.Write(figure.Title)}<figcaption class=\"legend\">{string.Concat(legend)}</figcaption></figure>";
    }

    private string Style(int number) => CurveCharts.Series(_series[number].Colour ?? number);

    private static double Place(FigureAxis axis, double value) => axis.IsLogarithmic ? Math.Log10(Math.Max(value, double.Epsilon)) : value;

    private static IEnumerable<double> All(double value, Interval? range) => range is { } r ? [value, r.Lower, r.Upper] : [value];

    // In places: logarithms on a logarithmic axis.
    private static (double Low, double High) Range(FigureAxis axis, IReadOnlyList<double> values)
    {
        var places = values.Where(value => double.IsFinite(value) && (!axis.IsLogarithmic || value > 0)).Select(value => Place(axis, value)).DefaultIfEmpty(0).ToArray();
        var (low, high) = (axis.Low is { } least ? Place(axis, least) : places.Min(), axis.High is { } most ? Place(axis, most) : places.Max());
        if (high <= low) (low, high) = (low - 0.5, low + 0.5);
        var margin = 0.05 * (high - low);
        return (axis.Low is null ? low - margin : low, axis.High is null ? high + margin : high);
    }

    private static IEnumerable<(double, string)> Ticks(FigureAxis axis, (double Low, double High) range)
    {
        if (axis.IsLogarithmic && range.High - range.Low >= 2)
            return Enumerable.Range((int)Math.Ceiling(range.Low), (int)(Math.Floor(range.High) - Math.Ceiling(range.Low)) + 1).Select(power => ((double)power, Words.Tick(Math.Pow(10, power), axis.Unit)));
        if (axis.IsLogarithmic)
            return SvgChart.Ticks(Math.Pow(10, range.Low), Math.Pow(10, range.High)).Where(at => at > 0).Select(at => (Math.Log10(at), Words.Tick(at, axis.Unit)));
        return SvgChart.Ticks(range.Low, range.High).Select(at => (at, Words.Tick(at, axis.Unit)));
    }
}
