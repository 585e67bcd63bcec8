using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>Differences of two rates over the same images, each image with a share of its own: of draws, of paths or of targets.</summary>
internal static class PairedShares
{
    /// <summary>mean(first) − mean(second), with an interval that knows how the two go together over the images. The trials are the images.</summary>
    /// <param name="first">A share in [0, 1] for each image.</param>
    /// <param name="second">The same for the same images, in the same order.</param>
    internal static Estimate Difference(IReadOnlyList<double> first, IReadOnlyList<double> second) =>
        ProportionDifference.Between(Rate(first), Rate(second), Together(first, second));

    /// <summary>The mean of shares. The trials are the images.</summary>
    internal static Proportion Rate(IReadOnlyList<double> shares) => new(Math.Clamp(shares.Sum(), 0, shares.Count), shares.Count);

    private static double Together(IReadOnlyList<double> first, IReadOnlyList<double> second) =>
        first.Count < 3 || first.Distinct().Count() == 1 || second.Distinct().Count() == 1 ? 0 : Correlation.Pearson(first, second).Value;
}
