namespace Defenses.Detection;

/// <summary>Counting scores above thresholds.</summary>
internal static class Scores
{
    /// <exception cref="ArgumentException">There are none, or one is NaN.</exception>
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
