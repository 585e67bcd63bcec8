using System.Text.Json.Serialization;

namespace Defenses.Pages;

/// <summary>A figure of series in a frame of two axes.</summary>
public abstract record PlotFigure : Figure
{
    private protected PlotFigure(string title, FigureAxis x, FigureAxis y, IReadOnlyList<FigureSeries> series) : base(title) =>
        (X, Y, Series) = (Require.NotNull(x, nameof(x)), Require.NotNull(y, nameof(y)), Require.NotNull(series, nameof(series)));

    /// <summary>The horizontal axis.</summary>
    [JsonPropertyOrder(-1)]
    public FigureAxis X { get; init; }

    /// <summary>The vertical axis.</summary>
    [JsonPropertyOrder(-1)]
    public FigureAxis Y { get; init; }

    /// <summary>The series.</summary>
    [JsonPropertyOrder(-1)]
    public IReadOnlyList<FigureSeries> Series { get; init; }
}
