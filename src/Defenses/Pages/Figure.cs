using System.Text.Json.Serialization;
using Defenses.Statistics;

namespace Defenses.Pages;

/// <summary>A figure of a page: pure data, drawn as inline SVG whose colors follow the page.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(CurveFigure), "curves")]
[JsonDerivedType(typeof(ScatterFigure), "scatter")]
[JsonDerivedType(typeof(HeatMapFigure), "heatMap")]
public abstract record Figure
{
    private protected Figure(string title)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(title);
        Title = title;
    }

    /// <summary>The title.</summary>
    public string Title { get; init; }

    /// <summary>A note on the result or on how to read the figure; none by default.</summary>
    public string? Note { get; init; }

    /// <summary>Whether it is one of several small figures side by side: without a legend, so that the title must name the content. False by default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsSmall { get; init; }

    /// <summary>The drawing with its legend, as HTML.</summary>
    internal abstract string Draw();
}

/// <summary>An axis of a figure.</summary>
/// <param name="Title">The quantity with its unit: "ε, in 255ths".</param>
/// <param name="Unit">The format of the numbers; plain numbers by default. Ticks of percentages are written without digits.</param>
public sealed record FigureAxis(string Title, NumberUnit Unit = NumberUnit.Number)
{
    /// <summary>The lower end; by default (null) a little below the smallest number.</summary>
    public double? Low { get; init; }

    /// <summary>The upper end; by default (null) a little above the largest number.</summary>
    public double? High { get; init; }

    /// <summary>Whether the axis is logarithmic; all numbers must then be above 0. False by default.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>The positions of the ticks; by default (null) at round steps.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Ticks { get; init; }

    /// <summary>An axis of rates from 0 to 100 %.</summary>
    /// <param name="title">The quantity.</param>
    public static FigureAxis Rate(string title) => new(title, NumberUnit.Percent) { Low = 0, High = 1 };
}

/// <summary>A point of a figure.</summary>
/// <param name="X">The horizontal coordinate.</param>
/// <param name="Y">The vertical coordinate.</param>
public sealed record FigurePoint(double X, double Y)
{
    /// <summary>The interval of X; none by default.</summary>
    public Interval? XRange { get; init; }

    /// <summary>The interval of Y; none by default.</summary>
    public Interval? YRange { get; init; }

    /// <summary>The text at the pointer, before the numbers; by default the name of its series.</summary>
    public string? Label { get; init; }

    /// <summary>A point for a rate with its interval.</summary>
    /// <param name="x">The horizontal coordinate.</param>
    /// <param name="y">The rate.</param>
    public static FigurePoint At(double x, Proportion y) => new(x, Require.NotNull(y, nameof(y)).Rate) { YRange = y.Interval };

    /// <summary>A point for a number with its interval.</summary>
    /// <param name="x">The horizontal coordinate.</param>
    /// <param name="y">The number.</param>
    public static FigurePoint At(double x, Estimate y) => new(x, Require.NotNull(y, nameof(y)).Value) { YRange = y.Interval };
}

/// <summary>A series of points, in one color.</summary>
/// <param name="Name">The name in the legend.</param>
/// <param name="Points">The points; a curve joins them in this order. May be empty: then the legend states it.</param>
public sealed record FigureSeries(string Name, IReadOnlyList<FigurePoint> Points)
{
    /// <summary>Whether the series is a reference, such as a paper's numbers: drawn dashed and without a band. False by default.</summary>
    public bool IsReference { get; init; }

    /// <summary>The number of the color, from 0 (grey) to 15; by default (null) the place of the series in its figure. Our series and a paper's may share
    /// a color.</summary>
    [JsonPropertyName("colour")]
    public int? Color { get; init => field = value is { } color ? Require.Below(color, 0, Markers.Colors, nameof(Color)) : null; }

    /// <summary>A line through a scatter of points, such as a fit; none by default.</summary>
    public IReadOnlyList<FigurePoint>? Fit { get; init; }
}
