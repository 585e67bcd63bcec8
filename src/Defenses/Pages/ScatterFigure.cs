using System.Text.Json.Serialization;

namespace Defenses.Pages;

/// <summary>Points with the intervals of both numbers, and lines fitted through them: gain over cost.</summary>
public sealed record ScatterFigure : Figure
{
    /// <summary>A scatter of points.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="x">The axis along.</param>
    /// <param name="y">The axis up.</param>
    /// <param name="series">The points, by what they belong to.</param>
    [JsonConstructor]
    public ScatterFigure(string title, FigureAxis x, FigureAxis y, IReadOnlyList<FigureSeries> series) : base(title) =>
        (X, Y, Series) = (Require.NotNull(x, nameof(x)), Require.NotNull(y, nameof(y)), Require.NotNull(series, nameof(series)));

    /// <summary>The axis along.</summary>
    public FigureAxis X { get; init; }

    /// <summary>The axis up.</summary>
    public FigureAxis Y { get; init; }

    /// <summary>The points, by what they belong to.</summary>
    public IReadOnlyList<FigureSeries> Series { get; init; }

    internal override string Draw() => new FigureDrawing(X, Y, Series, []).Scatter(this);
}
