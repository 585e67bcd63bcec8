using Defenses.Randomness;
using Defenses.Statistics;

namespace Defenses.Detection;

/// <summary>How much the share of attacked inputs found at a share of false alarms depends on the inputs: both kinds are resampled, each by itself.</summary>
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
            var threshold = Scores.Threshold(resampled, falsePositiveRate);
            var found = 0;
            for (var i = clean.Length; i < indices.Count; i++) if (attacked[indices[i] - clean.Length] > threshold) found++;
            return (double)found / attacked.Length;
        }
    }
}
