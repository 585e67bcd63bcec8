using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>The difference of two means of different samples.</summary>
internal static class MeanDifference
{
    /// <summary>first − second; its ends lie as far away as the ends of both intervals together (square and add: Zou and Donner 2008).</summary>
    internal static Estimate Between(Estimate first, Estimate second)
    {
        var difference = first.Value - second.Value;
        return new Estimate(difference, difference - Length(first.Value - first.Lower, second.Upper - second.Value),
            difference + Length(first.Upper - first.Value, second.Value - second.Lower));
    }

    private static double Length(double a, double b) => Math.Sqrt(a * a + b * b);
}
