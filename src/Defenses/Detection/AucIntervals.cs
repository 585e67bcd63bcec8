using Defenses.Randomness;
using Defenses.Statistics;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.RootFinding;

namespace Defenses.Detection;

/// <summary>Intervals of areas under ROC curves.</summary>
internal static class AucIntervals
{
    private const double Tiny = 1e-12;

    internal static Estimate Of(DeLongPlacements placements, double confidence)
    {
        var (area, z) = (placements.Auc, Quantile(confidence));
        var variance = Covariance(placements, placements);
        if (!(variance > 0) || area is 0 or 1) return Newcombe(area, placements.Attacked.Length, placements.Clean.Length, z);
        var (center, half) = (Math.Log(area / (1 - area)), z * Math.Sqrt(variance) / (area * (1 - area)));
        return new Estimate(area, Logistic(center - half), Logistic(center + half));
    }

    internal static Estimate Difference(DeLongPlacements first, DeLongPlacements second, double confidence)
    {
        if (first.Attacked.Length < 2 || first.Clean.Length < 2)
            throw new ArgumentException(
                $"other must be about at least two inputs of each kind; it is about {first.Clean.Length} clean and {first.Attacked.Length} attacked ones.",
                "other");
        var difference = first.Auc - second.Auc;
        var variance = Covariance(first, first) + Covariance(second, second) - 2 * Covariance(first, second);
        var half = Quantile(confidence) * Math.Sqrt(Math.Max(0, variance));
        return new Estimate(difference, Math.Max(-1, difference - half), Math.Min(1, difference + half));
    }

    // Of two areas on the same inputs; NaN for a single input of a kind.
    private static double Covariance(DeLongPlacements first, DeLongPlacements second) =>
        Covariance(first.Attacked, second.Attacked) / first.Attacked.Length + Covariance(first.Clean, second.Clean) / first.Clean.Length;

    private static double Covariance(double[] first, double[] second)
    {
        var (one, two) = (first.Average(), second.Average());
        return first.Zip(second, (a, b) => (a - one) * (b - two)).Sum() / (first.Length - 1);
    }

    // All areas A with |A − area| ≤ z·σ(A), σ that of Hanley and McNeil 1982 with both counts replaced by their mean: never of width 0.
    private static Estimate Newcombe(double area, int attacked, int clean, double z)
    {
        var many = (attacked + clean) / 2.0 - 1;
        double Excess(double at)
        {
            var variance = at * (1 - at) / ((double)attacked * clean) * (1 + many * (1 - at) / (2 - at) + many * at / (1 + at));
            return Math.Abs(at - area) - z * Math.Sqrt(Math.Max(0, variance));
        }
        var lower = area == 0 ? 0 : Brent.FindRoot(Excess, 0, Math.Min(area, 1 - Tiny));   // 1 itself is a root for an area of 1
        var upper = area == 1 ? 1 : Brent.FindRoot(Excess, Math.Max(area, Tiny), 1);
        return new Estimate(area, lower, upper);
    }

    private static double Logistic(double x) => 1 / (1 + Math.Exp(-x));

    private static double Quantile(double confidence) => Normal.InvCDF(0, 1, (1 + confidence) / 2);
}

/// <summary>For each input the share of inputs of the other kind that it beats (a tie counts half), from which DeLong's variance is computed.</summary>
internal sealed class DeLongPlacements
{
    internal DeLongPlacements(IReadOnlyList<double> clean, IReadOnlyList<double> attacked)
    {
        var all = MidRanks([.. attacked, .. clean]);
        var (amongAttacked, amongClean) = (MidRanks([.. attacked]), MidRanks([.. clean]));
        Attacked = [.. amongAttacked.Select((rank, i) => (all[i] - rank) / clean.Count)];
        Clean = [.. amongClean.Select((rank, j) => 1 - (all[attacked.Count + j] - rank) / attacked.Count)];
        Auc = Attacked.Average();
    }

    /// <summary>Of each attacked input: the share of clean ones below it.</summary>
    internal double[] Attacked { get; }

    /// <summary>Of each clean input: the share of attacked ones above it.</summary>
    internal double[] Clean { get; }

    internal double Auc { get; }

    /// <summary>Ranks from 1 in ascending order; equal values get their mean rank.</summary>
    internal static double[] MidRanks(double[] values)
    {
        var order = Enumerable.Range(0, values.Length).ToArray();
        Array.Sort((double[])values.Clone(), order);
        var ranks = new double[values.Length];
        for (int start = 0, end; start < order.Length; start = end)
        {
            for (end = start + 1; end < order.Length && values[order[end]] == values[order[start]]; end++) { }
            for (var i = start; i < end; i++) ranks[order[i]] = (start + 1 + end) / 2.0;
        }
        return ranks;
    }
}

/// <summary>The bootstrap interval of the true positive rate at a false positive rate: clean and attacked inputs are resampled separately.</summary>
internal static class RateBootstrap
{
    internal static Interval Interval(double[] clean, double[] attacked, double falsePositiveRate, ulong seed, int resamples, double confidence)
    {
        using var random = new RandomSource(seed);
        var taken = 0;
        var resampled = new double[clean.Length];
        return Bootstrap.Percentile(clean.Length + attacked.Length, Rate, Index, resamples, confidence);

        long Index(long count) => taken++ % count < clean.Length ? random.Index(clean.Length) : clean.Length + random.Index(attacked.Length);

        double Rate(IReadOnlyList<int> indices)
        {
            for (var i = 0; i < resampled.Length; i++) resampled[i] = clean[indices[i]];
            Array.Sort(resampled);
            var threshold = ScoreCounts.Threshold(resampled, falsePositiveRate);
            var found = 0;
            for (var i = clean.Length; i < indices.Count; i++) if (attacked[indices[i] - clean.Length] > threshold) found++;
            return (double)found / attacked.Length;
        }
    }
}

/// <summary>Counting scores above thresholds.</summary>
internal static class ScoreCounts
{
    /// <exception cref="ArgumentException">There are no scores, or one is NaN.</exception>
    internal static IReadOnlyList<double> Checked(IReadOnlyList<double> scores, string name) => Require.NotEmpty(scores, name).Any(double.IsNaN)
        ? throw new ArgumentException($"{name} must hold numbers; it contains NaN.", name)
        : scores;

    /// <summary>The smallest score with at most the given share of all above it.</summary>
    internal static double Threshold(double[] ascending, double share)
    {
        var allowed = (int)Shares.Of(share, ascending.Length);
        return ascending[ascending.Length - 1 - allowed];
    }

    internal static int CountAbove(double[] ascending, double threshold)
    {
        var (low, high) = (0, ascending.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ascending[middle] > threshold) high = middle;
            else low = middle + 1;
        }
        return ascending.Length - low;
    }
}
