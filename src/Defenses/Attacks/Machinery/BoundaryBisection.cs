using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Points between an original and an adversarial example.</summary>
internal static class BoundaryBisection
{
    /// <summary>
    /// Points nearer to the originals, by bisection, that still meet the goal: (N, …). In L∞ the change is clipped to a shrinking ball;
    /// in other norms the points move along the straight line.
    /// </summary>
    internal static Tensor Shrink(AttackRun run, Tensor original, Tensor adversarial, Goal goal, Norm norm, int steps)
    {
        using var scope = NewDisposeScope();
        var change = adversarial - original;
        var size = norm.Size(change);
        var (low, high) = (zeros_like(size), ones_like(size));
        for (var step = 0; step < steps; step++)
        {
            var middle = (low + high) / 2;
            var met = run.IsMet(Point(middle), goal);
            (low, high) = (where(met, low, middle), where(met, middle, high));
        }

        // Without a nearer point: the example itself, without rounding.
        return where(Norm.PerExample(high < 1, original), Point(high), adversarial).MoveToOuterDisposeScope();

        Tensor Point(Tensor share)
        {
            if (norm != Norm.Linf) return original + change * Norm.PerExample(share, original);
            var radius = Norm.PerExample(share * size, original);
            return original + maximum(minimum(change, radius), -radius);
        }
    }
}
