using System.Text.Json.Serialization;

namespace Defenses.Pages;

/// <summary>Curves over a common axis, with the bands of their intervals: success over ε, accuracy over epochs, ROC.</summary>
public sealed record CurveFigure : PlotFigure
{
    /// <summary>A figure of curves.</summary>
    /// <param name="title">The title.</param>
    /// <param name="x">The horizontal axis.</param>
    /// <param name="y">The vertical axis.</param>
    /// <param name="series">The curves.</param>
    [JsonConstructor]
    public CurveFigure(string title, FigureAxis x, FigureAxis y, IReadOnlyList<FigureSeries> series) : base(title, x, y, series) { }

    /// <summary>Whether each point has a dot, not only the line; true by default. Turn it off for many points.</summary>
    public bool HasDots { get; init; } = true;

    /// <summary>Whether guessing is drawn as a diagonal from (0, 0) to (1, 1), as for a ROC; false by default.</summary>
    public bool HasDiagonal { get; init; }

    /// <summary>Receiver operating characteristics: the rate of detected attacks over the rate of false alarms, with guessing as the diagonal.</summary>
    /// <remarks>Points in the middle of a horizontal or vertical step are omitted: the curve is the same without them.</remarks>
    /// <param name="title">The title.</param>
    /// <param name="series">The curves, from (0, 0) to (1, 1).</param>
    public static CurveFigure Roc(string title, IReadOnlyList<FigureSeries> series) =>
        new(title, FigureAxis.Rate("clean inputs that raise an alarm"), FigureAxis.Rate("attacked inputs that raise an alarm"),
            [.. series.Select(one => one with { Points = Corners(one.Points) })]) { HasDots = false, HasDiagonal = true };

    private static FigurePoint[] Corners(IReadOnlyList<FigurePoint> points) =>
        [.. points.Where((_, i) => i == 0 || i == points.Count - 1 || !IsBetween(points, i, point => point.X) && !IsBetween(points, i, point => point.Y))];

    // In the middle of a step: the points before and after lie on the same horizontal or vertical line.
    private static bool IsBetween(IReadOnlyList<FigurePoint> points, int i, Func<FigurePoint, double> coordinate) =>
        coordinate(points[i - 1]) == coordinate(points[i]) && coordinate(points[i]) == coordinate(points[i + 1]);

    internal override string Draw() => new FigureDrawing(this, HasDiagonal ? [0, 1] : []).Curves(this);
}
