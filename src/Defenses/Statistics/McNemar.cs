using MathNet.Numerics.Distributions;

namespace Defenses.Statistics;

/// <summary>Compares two models on the same examples, by the examples on which they disagree.</summary>
public static class McNemar
{
    /// <summary>
    /// The exact two-sided p-value of "neither is better": the probability that fair coins split the disagreements at least as unevenly.
    /// </summary>
    /// <remarks>min(1, 2·P(Binomial(b + c, ½) ≤ min(b, c))); 1 without disagreements. Source: McNemar 1947, exact form.</remarks>
    /// <param name="firstOnly">Examples on which only the first is right, 0 or more.</param>
    /// <param name="secondOnly">Examples on which only the second is right, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative.</exception>
    public static double PValue(long firstOnly, long secondOnly)
    {
        Require.AtLeast(firstOnly, 0, nameof(firstOnly));
        Require.AtLeast(secondOnly, 0, nameof(secondOnly));
        var total = checked((int)(firstOnly + secondOnly));
        return total == 0 ? 1 : Math.Min(1, 2 * Binomial.CDF(0.5, total, Math.Min(firstOnly, secondOnly)));
    }
}
