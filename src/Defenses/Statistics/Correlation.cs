using MathNet.Numerics.Distributions;
using Measures = MathNet.Numerics.Statistics.Correlation;

namespace Defenses.Statistics;

/// <summary>The correlation of two lists of numbers, from −1 to 1, with an interval.</summary>
/// <remarks>
/// Both intervals are approximate, on Fisher's scale atanh r; with three pairs they are [−1, 1]. Few pairs (for example
/// one for each defense) give wide intervals.
/// </remarks>
public static class Correlation
{
    /// <summary>Pearson's correlation: how near the pairs are to a line.</summary>
    /// <remarks>Interval: tanh(atanh r ± z/√(n − 3)), for pairs that are about normal. Source: Fisher 1921.</remarks>
    /// <param name="x">At least three finite numbers, not all the same.</param>
    /// <param name="y">As many, not all the same.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentException">The lists break a rule above.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is out of its range.</exception>
    public static Estimate Pearson(IReadOnlyList<double> x, IReadOnlyList<double> y, double confidence = Confidence.Default)
    {
        Check(x, y, confidence);
        return Around(Measures.Pearson(x, y), x.Count, 1, confidence);
    }

    /// <summary>Spearman's correlation, that of the ranks (mid-ranks for equal numbers): how near the pairs are to any rising or falling curve.</summary>
    /// <remarks>Interval: tanh(atanh r ± z·√((1 + r²/2)/(n − 3))). Source: Bonett and Wright 2000.</remarks>
    /// <inheritdoc cref="Pearson"/>
    public static Estimate Spearman(IReadOnlyList<double> x, IReadOnlyList<double> y, double confidence = Confidence.Default)
    {
        Check(x, y, confidence);
        var r = Measures.Spearman(x, y);
        return Around(r, x.Count, 1 + r * r / 2, confidence);
    }

    private static void Check(IReadOnlyList<double> x, IReadOnlyList<double> y, double confidence)
    {
        Finite.CheckPairs(x, y, 3, nameof(x), nameof(y));
        Finite.RequireVaries(y, nameof(y));
        Confidence.Check(confidence, nameof(confidence));
    }

    private static Estimate Around(double r, int count, double variance, double confidence)
    {
        var value = Math.Clamp(r, -1, 1);
        if (count == 3) return new Estimate(value, -1, 1);
        var half = Normal.InvCDF(0, 1, (1 + confidence) / 2) * Math.Sqrt(variance / (count - 3));
        var center = Math.Atanh(value);
        return new Estimate(value, Math.Tanh(center - half), Math.Tanh(center + half));
    }
}
