namespace Defenses.Statistics;

/// <summary>Intervals of any statistic, by recomputing it on resampled examples. They are approximate: use them where no exact interval exists.</summary>
public static class Bootstrap
{
    /// <summary>The percentile interval.</summary>
    /// <remarks>Source: Efron 1979. The statistic is a function of which examples are taken, so pairs stay together.</remarks>
    /// <param name="count">How many examples there are, at least 1.</param>
    /// <param name="statistic">The statistic of a resample, given as example numbers in [0, count).</param>
    /// <param name="index">Draws an integer uniformly from [0, n), for example <c>source.Index</c> of a seeded random source.</param>
    /// <param name="resamples">How many resamples, at least 2; by default 2000.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    /// <exception cref="InvalidOperationException">The statistic of a resample is not a number.</exception>
    public static Interval Percentile(
        int count, Func<IReadOnlyList<int>, double> statistic, Func<long, long> index, int resamples = 2000, double confidence = Confidence.Default)
    {
        Require.AtLeast(count, 1, nameof(count));
        Require.NotNull(statistic, nameof(statistic));
        Require.NotNull(index, nameof(index));
        var values = new double[Require.AtLeast(resamples, 2, nameof(resamples))];
        var tail = (1 - Confidence.Check(confidence, nameof(confidence))) / 2;
        var taken = new int[count];
        for (var i = 0; i < resamples; i++)
        {
            for (var j = 0; j < count; j++) taken[j] = (int)index(count);
            values[i] = statistic(taken);
            if (double.IsNaN(values[i]))
                throw new InvalidOperationException("The statistic of a resample is not a number. Give one that is defined for every resample.");
        }
        Array.Sort(values);
        return new Interval(Quantile(values, tail), Quantile(values, 1 - tail));
    }

    private static double Quantile(double[] sorted, double level)
    {
        var position = level * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
