using Defenses.Attacks;
using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation;

/// <summary>Holds attacked images to a budget, whatever the attack calls success: attacks for small changes have no ε of their own.</summary>
internal static class BudgetEnforcement
{
    private const double Slack = 1e-5, RelativeSlack = 1e-4;

    /// <summary>Which rows stay within ε in the norm and within the bounds, and hold numbers: (N,) bool.</summary>
    internal static Tensor WithinBudget(Tensor x, Tensor adversarial, Norm norm, double epsilon, Bounds bounds)
    {
        using var scope = NewDisposeScope();
        var slack = Slack * bounds.Range;
        var flat = adversarial.flatten(1);
        return norm.Size(adversarial - x).le(epsilon * (1 + RelativeSlack) + slack)
            .logical_and(flat.ge(bounds.Lower - slack).all(1)).logical_and(flat.le(bounds.Upper + slack).all(1)).MoveToOuterDisposeScope();
    }

    /// <summary>Rows that break the budget, the bounds or arithmetic count as no attack at all: the original stands in their place.</summary>
    internal static (Tensor Images, int Replaced) Enforce(Tensor x, Tensor adversarial, Norm norm, double epsilon, Bounds bounds)
    {
        using var scope = NewDisposeScope();
        var kept = WithinBudget(x, adversarial, norm, epsilon, bounds);
        var replaced = x.shape[0] - kept.sum().ToInt64();
        var images = replaced == 0 ? adversarial.alias() : where(kept.view([-1, .. Enumerable.Repeat(1L, (int)x.dim() - 1)]), adversarial, x);
        return (images.MoveToOuterDisposeScope(), (int)replaced);
    }
}
