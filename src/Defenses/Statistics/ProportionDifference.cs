namespace Defenses.Statistics;

/// <summary>The difference of two rates.</summary>
public static class ProportionDifference
{
    /// <summary>first − second, with an interval computed from the intervals of both (square and add).</summary>
    /// <remarks>
    /// d ∓ √(a² − 2ρab + b²). For each end, a and b are the distances of the two rates to the ends of their intervals that lie in its direction.
    /// Source: Newcombe 1998, methods 10 (independent, ρ = 0) and 10 for pairs; Zou and Donner 2008 for intervals other than Wilson's. Differs:
    /// exact limits in place of Wilson's, so the interval is more conservative.
    /// </remarks>
    /// <param name="first">The minuend.</param>
    /// <param name="second">The subtrahend, at the same confidence.</param>
    /// <param name="correlation">
    /// The correlation ρ of the two rates, −1 to 1: 0 (default) for rates of different examples; for rates of the same examples the correlation of
    /// their outcomes.
    /// </param>
    /// <exception cref="ArgumentException">The confidences differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The correlation is out of its range.</exception>
    public static Estimate Between(Proportion first, Proportion second, double correlation = 0)
    {
        Require.NotNull(first, nameof(first));
        Require.NotNull(second, nameof(second));
        Require.Within(correlation, -1, 1, nameof(correlation));
        if (first.Confidence != second.Confidence)
            throw new ArgumentException(
                $"second must have the confidence of first, {first.Confidence}; it has {second.Confidence}. Use second.WithConfidence(first.Confidence).",
                nameof(second));
        var difference = first.Rate - second.Rate;
        var down = Join(first.Rate - first.Lower, second.Upper - second.Rate, correlation);
        var up = Join(first.Upper - first.Rate, second.Rate - second.Lower, correlation);
        return new Estimate(difference, Math.Max(-1, difference - down), Math.Min(1, difference + up));
    }

    private static double Join(double a, double b, double correlation) => Math.Sqrt(Math.Max(0, a * a - 2 * correlation * a * b + b * b));
}
