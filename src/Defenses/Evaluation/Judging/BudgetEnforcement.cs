using Defenses.Attacks;
using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation;

/// <summary>Replaces images outside ε or the bounds by their originals. Minimum-norm attacks have no ε, so their results need this.</summary>
internal static class BudgetEnforcement
{
    /// <summary>Replaces rows outside the budget or the bounds, and rows with NaN, by the originals: they count as no attack.</summary>
    internal static (Tensor Images, int Replaced) Enforce(Tensor x, Tensor adversarial, Norm norm, double epsilon, Bounds bounds)
    {
        using var scope = NewDisposeScope();
        var kept = BudgetRule.IsWithin(x, adversarial, norm, epsilon, bounds);
        var replaced = x.shape[0] - kept.sum().ToInt64();
        var images = replaced == 0 ? adversarial.alias() : where(kept.view([-1, .. Enumerable.Repeat(1L, (int)x.dim() - 1)]), adversarial, x);
        return (images.MoveToOuterDisposeScope(), (int)replaced);
    }
}
