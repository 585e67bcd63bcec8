using System.Text.Json.Serialization;

namespace Defenses.Pages;

/// <summary>Curves over a common axis, with the bands of their intervals: success over ε, accuracy over epochs, ROC.</summary>
public sealed record CurveFigure : Figure
{
    /// <summary>A figure of curves.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="x">The axis along.</param>
    /// <param name="y">The axis up.</param>
    /// <param name="series">The curves.</param>
    [JsonConstructor]
    public CurveFigure(string title, FigureAxis x, FigureAxis y, IReadOnlyList<FigureSeries> series) : base(title) =>
        (X, Y, Series) = (Require.NotNull(x, nameof(x)), Require.NotNull(y, nameof(y)), Require.NotNull(series, nameof(series)));

    /// <summary>The axis along.</summary>
    public FigureAxis X { get; init; }

    /// <summary>The axis up.</summary>
    public FigureAxis Y { get; init; }

    /// <summary>The curves.</summary>
    public IReadOnlyList<FigureSeries> Series { get; init; }

    /// <summary>Whether each point has a dot, not only the line; true by default. Turn it off for many points.</summary>
    public bool HasDots { get; init; } = true;

    /// <summary>Whether chance is drawn as a diagonal from (0, 0) to (1, 1), as for a ROC; false by default.</summary>
    public bool HasDiagonal { get; init; }

    /// <summary>Receiver operating characteristics: the rate of detected attacks over the rate of false alarms, with chance as the diagonal.</summary>
    /// <remarks>Points in the middle of a step, straight up or along, are left out: the curve is the same without them.</remarks>
    /// <param name="title">What it shows.</param>
    /// <param name="series">The curves, from (0, 0) to (1, 1).</param>
    public static CurveFigure Roc(string title, IReadOnlyList<FigureSeries> series) =>
        new(title, FigureAxis.Rate("clean inputs that raise an alarm"), FigureAxis.Rate("attacked inputs that raise an alarm"), [.. series.Select(one => one with { Points = Corners(one.Points) })]) { HasDots = false, HasDiagonal = true };

    private static FigurePoint[] Corners(IReadOnlyList<FigurePoint> points) =>
    [
        .. points.Where((point, i) => i == 0 || i == points.Count - 1 || !(points[i - 1].X == point.X && point.X == points[i + 1].X) && !(points[i - 1].Y == point.Y && point.Y == points[i + 1].Y)),
    ];

    internal override string Draw() => new FigureDrawing(X, Y, Series, HasDiagonal ? [0, 1] : []).Curves(this);
}
