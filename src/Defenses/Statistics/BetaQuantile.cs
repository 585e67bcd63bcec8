using MathNet.Numerics;
using MathNet.Numerics.RootFinding;

namespace Defenses.Statistics;

/// <summary>The quantile function of the beta distribution.</summary>
internal static class BetaQuantile
{
    private const double Accuracy = 1e-14;

    /// <summary>The x in [0, 1] with Iₓ(a, b) = probability: by Brent's method, by bisection where that does not converge.</summary>
    internal static double Invert(double a, double b, double probability) =>
        Brent.TryFindRoot(x => SpecialFunctions.BetaRegularized(a, b, x) - probability, 0, 1, Accuracy, 100, out var root) ? root : Bisect(a, b, probability);

    private static double Bisect(double a, double b, double probability)
    {
        double low = 0, high = 1;
        while (true)
        {
            var middle = low + (high - low) / 2;
            if (middle <= low || middle >= high || high - low < Accuracy) return middle;
            if (SpecialFunctions.BetaRegularized(a, b, middle) < probability) low = middle;
            else high = middle;
        }
    }
}
