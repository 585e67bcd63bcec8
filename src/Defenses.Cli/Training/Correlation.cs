namespace DefenseBench.Training;

/// <summary>How two counts of the same images go together.</summary>
internal static class Correlation
{
    /// <summary>Pearson's correlation, −1 to 1; 0 where one of them does not vary.</summary>
    internal static double Of(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        var (meanA, meanB) = (a.Average(), b.Average());
        var (varianceA, varianceB) = (a.Sum(value => (value - meanA) * (value - meanA)), b.Sum(value => (value - meanB) * (value - meanB)));
        var covariance = a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Sum();
        return varianceA > 0 && varianceB > 0 ? Math.Clamp(covariance / Math.Sqrt(varianceA * varianceB), -1, 1) : 0;
    }
}
