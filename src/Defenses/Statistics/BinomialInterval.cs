using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.RootFinding;

namespace Defenses.Statistics;

/// <summary>Intervals for the probability of success behind a count of successes in independent trials.</summary>
public static class BinomialInterval
{
    /// <summary>
    /// The exact interval: all probabilities that neither tail test rejects. It contains the true probability in at least the stated share of repetitions.
    /// </summary>
    /// <remarks>
    /// [B⁻¹(α/2; s, n − s + 1), B⁻¹(1 − α/2; s + 1, n − s)] with the beta quantile B⁻¹ and α = 1 − confidence; the lower end is 0 for no
    /// success, the upper 1 for no failure. Source: Clopper and Pearson 1934.
    /// </remarks>
    /// <param name="successes">How many trials succeeded, 0 to <paramref name="trials"/>.</param>
    /// <param name="trials">How many there were, at least 1.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static Interval ClopperPearson(long successes, long trials, double confidence = Confidence.Default)
    {
        Confidence.CheckCounts(successes, trials, nameof(successes), nameof(trials));
        var tail = (1 - Confidence.Check(confidence, nameof(confidence))) / 2;
        return new Interval(Lower(successes, trials, tail), Upper(successes, trials, tail));
    }

    /// <summary>The exact one-sided lower bound: the true probability is above it in at least the stated share of repetitions.</summary>
    /// <inheritdoc cref="ClopperPearson"/>
    public static double ClopperPearsonLower(long successes, long trials, double confidence = Confidence.Default)
    {
        Confidence.CheckCounts(successes, trials, nameof(successes), nameof(trials));
        return Lower(successes, trials, 1 - Confidence.Check(confidence, nameof(confidence)));
    }

    /// <summary>The exact one-sided upper bound: the true probability is below it in at least the stated share of repetitions.</summary>
    /// <inheritdoc cref="ClopperPearson"/>
    public static double ClopperPearsonUpper(long successes, long trials, double confidence = Confidence.Default)
    {
        Confidence.CheckCounts(successes, trials, nameof(successes), nameof(trials));
        return Upper(successes, trials, 1 - Confidence.Check(confidence, nameof(confidence)));
    }

    /// <summary>The score interval: shorter, but its coverage is only near the stated one. Use it for orientation, not for claims.</summary>
    /// <remarks>Source: Wilson 1927.</remarks>
    /// <inheritdoc cref="ClopperPearson"/>
    public static Interval Wilson(long successes, long trials, double confidence = Confidence.Default)
    {
        Confidence.CheckCounts(successes, trials, nameof(successes), nameof(trials));
        var z = Normal.InvCDF(0, 1, (1 + Confidence.Check(confidence, nameof(confidence))) / 2);
        double n = trials, rate = successes / n, weight = z * z / n;
        var center = (rate + weight / 2) / (1 + weight);
        var half = z / (1 + weight) * Math.Sqrt(rate * (1 - rate) / n + weight / (4 * n));
        return new Interval(successes == 0 ? 0 : center - half, successes == trials ? 1 : center + half);
    }

    // Successes may be a fraction: the beta quantiles join the exact limits of whole counts smoothly.
    internal static double Lower(double successes, long trials, double tail) =>
        successes <= 0 ? 0 : BetaQuantile.Invert(successes, trials - successes + 1, tail);

    internal static double Upper(double successes, long trials, double tail) =>
        successes >= trials ? 1 : BetaQuantile.Invert(successes + 1, trials - successes, 1 - tail);
}

/// <summary>The quantile function of the beta distribution.</summary>
internal static class BetaQuantile
{
    private const double Accuracy = 1e-14;

    /// <summary>The x in [0, 1] with Iₓ(a, b) = probability: by Brent's method, by bisection where that does not converge.</summary>
    internal static double Invert(double a, double b, double probability) =>
        Brent.TryFindRoot(x => SpecialFunctions.BetaRegularized(a, b, x) - probability, 0, 1, Accuracy, 100, out var root) ? root : Bisect(a, b, probability);

    private static double Bisect(double a, double b, double probability)
    {
        double low = 0, high = 1;
        while (true)
        {
            var middle = low + (high - low) / 2;
            if (middle <= low || middle >= high || high - low < Accuracy) return middle;
            if (SpecialFunctions.BetaRegularized(a, b, middle) < probability) low = middle;
            else high = middle;
        }
    }
}
