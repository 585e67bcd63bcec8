using Defenses.Statistics;

namespace Defenses.Pages;

/// <summary>A point of a figure.</summary>
/// <param name="X">Where it stands along.</param>
/// <param name="Y">How high it stands.</param>
public sealed record FigurePoint(double X, double Y)
{
    /// <summary>The range that X is known within; none by default.</summary>
    public Interval? XRange { get; init; }

    /// <summary>The range that Y is known within; none by default.</summary>
    public Interval? YRange { get; init; }

    /// <summary>What is shown when the point is pointed at, before its numbers; by default the name of its series.</summary>
    public string? Label { get; init; }

    /// <summary>A rate with its interval at a place.</summary>
    /// <param name="x">The place.</param>
    /// <param name="y">The rate.</param>
    public static FigurePoint At(double x, Proportion y) => new(x, Require.NotNull(y, nameof(y)).Rate) { YRange = y.Interval };

    /// <summary>A number with its interval at a place.</summary>
    /// <param name="x">The place.</param>
    /// <param name="y">The number.</param>
    public static FigurePoint At(double x, Estimate y) => new(x, Require.NotNull(y, nameof(y)).Value) { YRange = y.Interval };
}
