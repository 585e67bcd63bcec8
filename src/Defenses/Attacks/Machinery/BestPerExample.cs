using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Several tries; each example keeps its best point.</summary>
internal static class BestPerExample
{
    private const double Saturated = 1e3;   // the scaled losses of larger ones are equal in single precision

    /// <summary>
    /// The best of the tries per example: the largest share of fresh draws that meet the goal, then the largest loss. A single try is not compared.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="loss">The loss that breaks ties.</param>
    /// <param name="tries">The number of tries.</param>
    /// <param name="attempt">The points of a try, numbered from 0: (N, …).</param>
    internal static Tensor Find(AttackRun run, Loss loss, int tries, Func<int, Tensor> attempt)
    {
        using var scope = NewDisposeScope();
        (Tensor Point, Tensor Score, Tensor Loss)? best = null;
        for (var number = 0; number < tries; number++)
        {
            using var inner = NewDisposeScope();
            var end = attempt(number);
            if (tries == 1) return end.MoveToOuterDisposeScope().MoveToOuterDisposeScope();
            var (score, value) = Score(run, loss, end);
            best = Better(best, (end, score, value));
        }
        return best!.Value.Point.MoveToOuterDisposeScope();
    }

    private static (Tensor, Tensor, Tensor) Better((Tensor Point, Tensor Score, Tensor Loss)? best, (Tensor Point, Tensor Score, Tensor Loss) end)
    {
        if (best is not { } old) return (end.Point.MoveToOuterDisposeScope(), end.Score.MoveToOuterDisposeScope(), end.Loss.MoveToOuterDisposeScope());
        var saturated = end.Score.eq(old.Score).logical_and(end.Loss.abs() > Saturated).logical_and(end.Loss > old.Loss);
        var better = (end.Score > old.Score).logical_or(saturated);
        var point = where(Norm.PerExample(better, end.Point), end.Point, old.Point);
        var (score, loss) = (where(better, end.Score, old.Score), where(better, end.Loss, old.Loss));
        old.Point.Dispose();
        old.Score.Dispose();
        old.Loss.Dispose();
        return (point.MoveToOuterDisposeScope(), score.MoveToOuterDisposeScope(), loss.MoveToOuterDisposeScope());
    }

    // Share of draws in whole steps, plus the loss scaled into a thousandth: the share decides, the loss breaks ties. The scaled loss no longer tells
    // large losses apart, so these are compared themselves. A loss that is NaN is the smallest; a point that holds NaN is worse than any other.
    private static (Tensor Score, Tensor Loss) Score(AttackRun run, Loss loss, Tensor x)
    {
        var value = FiniteLogits.Comparable(loss.Value(run.Model.ComputeLogits(x), run.Goal));
        var score = run.Share(x, run.Goal) + (value / (1 + value.abs())) * 0.001;
        return (where(x.flatten(1).isnan().any(1), full_like(score, -1), score), value);
    }
}
