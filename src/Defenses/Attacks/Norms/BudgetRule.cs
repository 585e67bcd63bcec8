using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The one rule for "within ε": attacks that believe their parts, judges and checks all use it.</summary>
/// <remarks>
/// It forgives what rounding can do and nothing else: a ten-thousandth of ε, and a hundred-thousandth of the bounds' range. In single precision the
/// difference of two numbers near 1 is wrong by up to 6·10⁻⁸, which is more than a hundred-thousandth of a small ε.
/// </remarks>
internal static class BudgetRule
{
    private const double Slack = 1e-5, RelativeSlack = 1e-4;

    /// <summary>The largest size that counts as within ε.</summary>
    internal static double Largest(double epsilon, Bounds bounds) => epsilon * (1 + RelativeSlack) + Slack * bounds.Range;

    /// <summary>Whether each row is within ε in the norm and within the bounds, without NaN: (N,) bool. Measured from the clipped images.</summary>
    internal static Tensor IsWithin(Tensor x, Tensor adversarial, Norm norm, double epsilon, Bounds bounds)
    {
        using var scope = NewDisposeScope();
        var slack = Slack * bounds.Range;
        var flat = adversarial.flatten(1);
        return norm.Size(adversarial - bounds.Clip(x)).le(Largest(epsilon, bounds))
            .logical_and(flat.ge(bounds.Lower - slack).all(1)).logical_and(flat.le(bounds.Upper + slack).all(1)).MoveToOuterDisposeScope();
    }
}
