namespace Defenses.Statistics;

/// <summary>Intervals for the mean of independent numbers between 0 and 1, for example, for each image, the share of
/// draws in which the model is fooled.</summary>
public static class BoundedMean
{
    /// <summary>
    /// The exact binomial interval, its beta quantiles taken at the (fractional) sum: exact for numbers that are 0 or 1, and wider than
    /// necessary for all others, because no distribution on [0, 1] with the same mean has a larger variance.
    /// </summary>
    /// <remarks>
    /// The trials are the examples, not the draws: several draws of one example say little about another. A test simulates the coverage.
    /// </remarks>
    /// <param name="sum">The sum of the numbers, 0 to <paramref name="count"/>.</param>
    /// <param name="count">How many numbers there are, at least 1.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static Interval ClopperPearson(double sum, long count, double confidence = Confidence.Default)
    {
        Confidence.CheckCounts(sum, count, nameof(sum), nameof(count));
        var tail = (1 - Confidence.Check(confidence, nameof(confidence))) / 2;
        return new Interval(BinomialInterval.Lower(sum, count, tail), BinomialInterval.Upper(sum, count, tail));
    }

    /// <summary>An interval with guaranteed coverage. It is short when there are many numbers and they vary little.</summary>
    /// <remarks>mean ± (√(2·V·ln(4/α)/n) + 7·ln(4/α)/(3(n − 1))), cut to [0, 1]; V the sample variance. Source: Maurer and Pontil 2009, theorem 4.</remarks>
    /// <param name="values">At least two numbers in [0, 1].</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentException">There are fewer than two values.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value or the confidence is out of its range.</exception>
    public static Interval EmpiricalBernstein(IReadOnlyList<double> values, double confidence = Confidence.Default)
    {
        var n = Require.NotEmpty(values, nameof(values)).Count;
        if (n < 2) throw new ArgumentException("values must have at least two elements; it has one.", nameof(values));
        foreach (var value in values) Require.Within(value, 0, 1, nameof(values));
        var log = Math.Log(4 / (1 - Confidence.Check(confidence, nameof(confidence))));
        var mean = values.Average();
        var variance = values.Sum(value => (value - mean) * (value - mean)) / (n - 1);
        var half = Math.Sqrt(2 * variance * log / n) + 7 * log / (3.0 * (n - 1));
        return new Interval(Math.Max(0, mean - half), Math.Min(1, mean + half));
    }
}
