using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The frame of the attacks that search the smallest change: examples that meet the goal already leave, the smallest success is kept.</summary>
internal static class SmallestSearch
{
    /// <summary>The smallest successes, moved to the boundary: (N, …). An example without success keeps its original image.</summary>
    /// <param name="run">The run.</param>
    /// <param name="norm">The norm of the sizes.</param>
    /// <param name="bisections">Steps of the final search between the original and the smallest success.</param>
    /// <param name="search">Tries points of the examples that do not meet the goal, and keeps those that do.</param>
    internal static Tensor Find(AttackRun run, Norm norm, int bisections, Action<AttackRun, SmallestAdversarials> search)
    {
        using var scope = NewDisposeScope();
        using var active = new ActiveBatch(run, run.Original);
        active.Retire(run.Model.ComputeLogits(active.Points));
        if (active.Count == 0) return active.Results().MoveToOuterDisposeScope();
        var part = active.Remaining;
        using var best = new SmallestAdversarials(part, norm);
        search(part, best);
        active.Move(best.Shrunk(bisections));
        return active.Results().MoveToOuterDisposeScope();
    }

    /// <summary>The largest size that a perturbation within the bounds can have, (N,).</summary>
    internal static Tensor LargestRadii(AttackRun run, Norm norm)
    {
        using var scope = NewDisposeScope();
        var (x, range) = (run.Original, run.Model.Bounds.Range);
        return norm.Size(maximum(x - run.Clip(x - range), run.Clip(x + range) - x)).MoveToOuterDisposeScope();
    }

    /// <summary>A number that falls from the first to the last along half a cosine.</summary>
    internal static double Falling(double first, double last, int step, int steps) =>
        last + (first - last) * (1 + Math.Cos(Math.PI * step / steps)) / 2;
}
