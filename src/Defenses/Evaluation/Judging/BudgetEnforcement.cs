using Defenses.Attacks;
using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation;

/// <summary>Replaces images outside ε or the bounds by their originals. Minimum-norm attacks have no ε, so their results need this.</summary>
internal static class BudgetEnforcement
{
    private const double Slack = 1e-5, RelativeSlack = 1e-4;

    /// <summary>Whether each row is within ε in the norm and within the bounds, without NaN: (N,) bool. Measured from the clipped images.</summary>
    internal static Tensor WithinBudget(Tensor x, Tensor adversarial, Norm norm, double epsilon, Bounds bounds)
    {
        using var scope = NewDisposeScope();
        var slack = Slack * bounds.Range;
        var flat = adversarial.flatten(1);
        return norm.Size(adversarial - bounds.Clip(x)).le(epsilon * (1 + RelativeSlack) + slack)
            .logical_and(flat.ge(bounds.Lower - slack).all(1)).logical_and(flat.le(bounds.Upper + slack).all(1)).MoveToOuterDisposeScope();
    }

    /// <summary>Replaces rows outside the budget or the bounds, and rows with NaN, by the originals: they count as no attack.</summary>
    internal static (Tensor Images, int Replaced) Enforce(Tensor x, Tensor adversarial, Norm norm, double epsilon, Bounds bounds)
    {
        using var scope = NewDisposeScope();
        var kept = WithinBudget(x, adversarial, norm, epsilon, bounds);
        var replaced = x.shape[0] - kept.sum().ToInt64();
        var images = replaced == 0 ? adversarial.alias() : where(kept.view([-1, .. Enumerable.Repeat(1L, (int)x.dim() - 1)]), adversarial, x);
        return (images.MoveToOuterDisposeScope(), (int)replaced);
    }
}
