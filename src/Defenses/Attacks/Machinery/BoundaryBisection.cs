using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Points between an original and an adversarial example.</summary>
internal static class BoundaryBisection
{
    /// <summary>
    /// Nearer to the originals by bisection, as long as the goal is met: (N, …). L∞: by shrinking the ball that the change is clipped to;
    /// other norms: along the straight line.
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

        // Where nothing nearer was found: the example itself, without rounding.
        return where(Norm.PerExample(high < 1, original), Point(high), adversarial).MoveToOuterDisposeScope();

        Tensor Point(Tensor share)
        {
            if (norm != Norm.Linf) return original + change * Norm.PerExample(share, original);
            var radius = Norm.PerExample(share * size, original);
            return original + maximum(minimum(change, radius), -radius);
        }
    }
}
