using System.Text.Json.Serialization;

namespace Defenses.Pages;

/// <summary>Points with the intervals of both numbers, and lines fitted through them: gain over cost.</summary>
public sealed record ScatterFigure : PlotFigure
{
    /// <summary>A scatter of points.</summary>
    /// <param name="title">The title.</param>
    /// <param name="x">The horizontal axis.</param>
    /// <param name="y">The vertical axis.</param>
    /// <param name="series">The points, grouped into series.</param>
    [JsonConstructor]
    public ScatterFigure(string title, FigureAxis x, FigureAxis y, IReadOnlyList<FigureSeries> series) : base(title, x, y, series) { }

    /// <summary>Straight lines behind the points, such as all points of equal score, in ascending order of slope; none by default, and none on a
    /// logarithmic axis. A line is named where there is room.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FigureLine>? Lines { get; init; }

    /// <summary>Whether both axes hold 0, with a line through it; false by default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool HasZeroLines { get; init; }

    internal override string Draw() => new FigureDrawing(this, HasZeroLines ? [0] : []).Scatter(this);
}

/// <summary>A straight line y = Slope · x + Intercept.</summary>
/// <param name="Name">The name at the end of the line: "DES 10".</param>
/// <param name="Slope">The slope, in units of y for one of x.</param>
/// <param name="Intercept">y at x = 0.</param>
public sealed record FigureLine(string Name, double Slope, double Intercept);
