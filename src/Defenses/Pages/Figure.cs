using System.Text.Json.Serialization;

namespace Defenses.Pages;

/// <summary>A figure of a page: pure data, drawn as inline SVG whose colours follow the page.</summary>
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

    /// <summary>What it shows.</summary>
    public string Title { get; init; }

    /// <summary>What to see in it, or what to mind; none by default.</summary>
    public string? Note { get; init; }

    /// <summary>The drawing with its legend, as HTML.</summary>
    internal abstract string Draw();
}
