namespace Defenses.Statistics;

/// <summary>The mean of independent numbers without bounds, one per example.</summary>
public static class SampleMean
{
    /// <summary>The mean with Student's interval: mean ± t·s/√n. Approximate unless the numbers are normal; accurate for many numbers.</summary>
    /// <remarks>s is the sample deviation, t the quantile with n − 1 degrees of freedom. The interval of a single number
    /// is unbounded. Source: Student 1908.</remarks>
    /// <param name="values">At least one finite number.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentException">There is no value, or one is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is out of its range.</exception>
    public static Estimate StudentT(IReadOnlyList<double> values, double confidence = Confidence.Default)
    {
        var n = Finite.Check(values, nameof(values)).Count;
        Confidence.Check(confidence, nameof(confidence));
        var mean = values.Average();
        if (n == 1) return new Estimate(mean, double.NegativeInfinity, double.PositiveInfinity);
        var deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (n - 1));
        var half = deviation == 0 ? 0 : StudentT(n - 1, confidence) * deviation / Math.Sqrt(n);
        return new Estimate(mean, mean - half, mean + half);
    }

    /// <summary>The two-sided quantile of Student's distribution.</summary>
    internal static double StudentT(int freedom, double confidence) =>
        MathNet.Numerics.Distributions.StudentT.InvCDF(0, 1, freedom, (1 + confidence) / 2);
}
