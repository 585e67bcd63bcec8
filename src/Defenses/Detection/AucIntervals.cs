using Defenses.Statistics;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.RootFinding;

namespace Defenses.Detection;

/// <summary>Intervals of areas under ROC curves.</summary>
internal static class AucIntervals
{
    private const double Tiny = 1e-12;

    internal static Estimate Of(Placements placements, double confidence)
    {
        var (area, z) = (placements.Auc, Quantile(confidence));
        var variance = Covariance(placements, placements);
        if (!(variance > 0) || area is 0 or 1) return Newcombe(area, placements.Attacked.Length, placements.Clean.Length, z);
        var (center, half) = (Math.Log(area / (1 - area)), z * Math.Sqrt(variance) / (area * (1 - area)));
        return new Estimate(area, Logistic(center - half), Logistic(center + half));
    }

    internal static Estimate Difference(Placements first, Placements second, double confidence)
    {
        if (first.Attacked.Length < 2 || first.Clean.Length < 2)
            throw new ArgumentException(
                $"other must be about at least two inputs of each kind; it is about {first.Clean.Length} clean and {first.Attacked.Length} attacked ones.", "other");
        var difference = first.Auc - second.Auc;
        var variance = Covariance(first, first) + Covariance(second, second) - 2 * Covariance(first, second);
        var half = Quantile(confidence) * Math.Sqrt(Math.Max(0, variance));
        return new Estimate(difference, Math.Max(-1, difference - half), Math.Min(1, difference + half));
    }

    // Of two areas on the same inputs; NaN for a single input of a kind.
    private static double Covariance(Placements first, Placements second) =>
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
