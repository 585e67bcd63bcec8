using MathNet.Numerics.LinearRegression;

namespace Defenses.Statistics;

/// <summary>Fits by least squares.</summary>
public static class LeastSquares
{
    /// <summary>The line with the smallest squared distances in y, with Student's intervals (n − 2 degrees of freedom) for slope and intercept.</summary>
    /// <remarks>
    /// The intervals assume errors in y only, independent and of equal variance. Two points determine the line; their intervals are unbounded.
    /// </remarks>
    /// <param name="x">At least two finite numbers, not all the same.</param>
    /// <param name="y">As many.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentException">The lists break a rule above.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is out of its range.</exception>
    public static LineFit Line(IReadOnlyList<double> x, IReadOnlyList<double> y, double confidence = Confidence.Default)
    {
        Finite.CheckPairs(x, y, 2, nameof(x), nameof(y));
        Confidence.Check(confidence, nameof(confidence));
        var (intercept, slope) = SimpleRegression.Fit([.. x], [.. y]);
        var (n, mean, middle) = (x.Count, x.Average(), y.Average());
        var spread = x.Sum(at => (at - mean) * (at - mean));
        var total = y.Sum(at => (at - middle) * (at - middle));
        var left = Enumerable.Range(0, n).Sum(i => Math.Pow(y[i] - intercept - slope * x[i], 2));
        var explained = total > 0 ? Math.Clamp(1 - left / total, 0, 1) : 1;
        if (n == 2) return new LineFit(Without(slope), Without(intercept), explained, n);
        var unit = SampleMean.StudentT(n - 2, confidence) * Math.Sqrt(left / (n - 2));
        return new LineFit(Around(slope, unit / Math.Sqrt(spread)), Around(intercept, unit * Math.Sqrt(1.0 / n + mean * mean / spread)), explained, n);
    }

    private static Estimate Around(double value, double half) => new(value, value - half, value + half);

    private static Estimate Without(double value) => new(value, double.NegativeInfinity, double.PositiveInfinity);
}

/// <summary>A line through points, y = Intercept + Slope·x.</summary>
/// <param name="Slope">Change of y for a change of x by one, with its interval.</param>
/// <param name="Intercept">y at x = 0, with its interval.</param>
/// <param name="Explained">R²: the share of the variance of y that the line explains, 0 to 1; 1 where y does not vary.</param>
/// <param name="Points">The number of points.</param>
public sealed record LineFit(Estimate Slope, Estimate Intercept, double Explained, int Points)
{
    /// <summary>y of the line at x.</summary>
    public double At(double x) => Intercept.Value + Slope.Value * x;
}
