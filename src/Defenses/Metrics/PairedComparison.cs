using Defenses.Randomness;
using Defenses.Statistics;

namespace Defenses.Metrics;

/// <summary>Compares two defenses on the same examples with the same number of draws: tests whether one is better.</summary>
/// <remarks>
/// Examples that are easy for one defense are mostly easy for the other, so a paired comparison finds differences that two separate rates do not show.
/// The trials are the examples, not the draws. Sources: McNemar 1947; Newcombe 1998 (pairs); Efron 1979.
/// </remarks>
public static class PairedComparison
{
    /// <summary>Compares by counts.</summary>
    /// <param name="first">The number of draws in which the first defense held each example, (N,): 0 to <paramref name="draws"/>, such
    /// as a judgement's <c>Correct</c>.</param>
    /// <param name="second">The same for the second defense, for the same examples in the same order.</param>
    /// <param name="draws">K, the draws of each example, at least 1; 1 for deterministic defenses.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <param name="resamples">Resamples of the bootstrap, at least 2; by default 2000.</param>
    /// <param name="seed">The seed of the bootstrap; by default 0, so that the same counts give the same interval.</param>
    /// <exception cref="ArgumentException">The lists are empty or differ in length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static PairedResult Measure(
        IReadOnlyList<int> first, IReadOnlyList<int> second, int draws, double confidence = 0.95, int resamples = 2000, ulong seed = 0)
    {
        Require.AtLeast(draws, 1, nameof(draws));
        var n = Require.NotEmpty(first, nameof(first)).Count;
        if (Require.NotEmpty(second, nameof(second)).Count != n)
            throw new ArgumentException($"second must have as many counts as first, {n}; it has {second.Count}.", nameof(second));
        foreach (var count in first) Require.Within(count, 0, draws, nameof(first));
        foreach (var count in second) Require.Within(count, 0, draws, nameof(second));
        Proportion Rate(IReadOnlyList<int> counts) => new((double)counts.Sum(count => (long)count) / draws, n, confidence);
        var (a, b) = (Rate(first), Rate(second));
        var together = CorrelationOf(first, second);
        long Where(bool holdsFirst, bool holdsSecond) =>
            Enumerable.Range(0, n).Count(i => 2L * first[i] > draws == holdsFirst && 2L * second[i] > draws == holdsSecond);
        var (only, other) = (Where(true, false), Where(false, true));
        using var random = new RandomSource(seed);
        var bootstrap = Bootstrap.Percentile(n, taken =>
            taken.Sum(i => (double)(first[i] - second[i])) / ((double)draws * n), random.Index, resamples, confidence);
        return new PairedResult(
            a, b, ProportionDifference.Between(a, b, together), bootstrap, together, only, other, Where(true, true), Where(false, false),
                McNemar.PValue(only, other));
    }

    private static double CorrelationOf(IReadOnlyList<int> first, IReadOnlyList<int> second) =>
        first.Count < 3 || first.Distinct().Count() == 1 || second.Distinct().Count() == 1 ? 0
            : Correlation.Pearson([.. first.Select(count => (double)count)], [.. second.Select(count => (double)count)]).Value;
}

/// <summary>Two defenses on the same examples.</summary>
/// <param name="First">The first one's rate of holding, averaged over draws.</param>
/// <param name="Second">The second one's.</param>
/// <param name="Difference">First − second with its interval, which is shorter for a higher correlation (square and add, with their correlation).</param>
/// <param name="Bootstrap">The interval of the same difference by resampling the examples.</param>
/// <param name="Correlation">The correlation of the two over examples, −1 to 1; 0 if one does not vary.</param>
/// <param name="FirstOnly">Examples that only the first holds in more than half of the draws.</param>
/// <param name="SecondOnly">Examples that only the second holds in more than half of the draws.</param>
/// <param name="Both">Examples that both hold in more than half of the draws.</param>
/// <param name="Neither">Examples that neither holds in more than half of the draws.</param>
/// <param name="PValue">McNemar's exact two-sided p-value of "neither is better", by majority.</param>
public sealed record PairedResult(
    Proportion First, Proportion Second, Estimate Difference, Interval Bootstrap, double Correlation, long FirstOnly, long SecondOnly, long Both,
    long Neither, double PValue);
