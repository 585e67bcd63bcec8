using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Directions without the elements that have reached their bounds and could only leave them.</summary>
internal static class FreeElements
{
    /// <summary>A direction with 0 at elements that the constraint of the run lets go no further that way; without a constraint the same tensor.</summary>
    internal static Tensor Movable(this AttackRun run, Tensor points, Tensor direction)
    {
        if (run.Constraint is null) return direction;
        using var scope = NewDisposeScope();
        var free = where(direction > 0, run.CanMove(points, 1), run.CanMove(points, -1));
        return where(free, direction, zeros_like(direction)).MoveToOuterDisposeScope();
    }
}
