using System.Text.Json.Serialization;

namespace Defenses.Pages;

/// <summary>Points that belong together, in one colour.</summary>
/// <param name="Name">What they are, for the legend.</param>
/// <param name="Points">The points; for a curve in the order in which they are joined. May be empty: then the legend says so.</param>
public sealed record FigureSeries(string Name, IReadOnlyList<FigurePoint> Points)
{
    /// <summary>Whether it is what ours is compared with, such as a paper's numbers: drawn dashed and without a band. False by default.</summary>
    public bool IsReference { get; init; }

    /// <summary>The number of the color, from 0 (grey) to 15; by default (null) the place of the series in its figure. Ours and a paper's may share
    /// one.</summary>
    [JsonPropertyName("colour")]
    public int? Color { get; init => field = value is { } color ? Require.Below(color, 0, Markers.Colors, nameof(Color)) : null; }

    /// <summary>A line through a scatter of points, such as a fit; none by default.</summary>
    public IReadOnlyList<FigurePoint>? Fit { get; init; }
}
