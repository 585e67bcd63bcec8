using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Several tries; each example keeps its best point.</summary>
internal static class BestPerExample
{
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
        Tensor? best = null, bestScore = null;
        for (var number = 0; number < tries; number++)
        {
            using var inner = NewDisposeScope();
            var end = attempt(number);
            if (tries == 1) best = end.MoveToOuterDisposeScope();
            else (best, bestScore) = Better(best, bestScore, end, Score(run, loss, end));
        }
        return best!.MoveToOuterDisposeScope();
    }

    private static (Tensor, Tensor) Better(Tensor? best, Tensor? bestScore, Tensor end, Tensor score)
    {
        if (best is null) return (end.MoveToOuterDisposeScope(), score.MoveToOuterDisposeScope());
        var better = score > bestScore!;
        var (point, value) = (where(Norm.PerExample(better, end), end, best), where(better, score, bestScore!));
        best.Dispose();
        bestScore!.Dispose();
        return (point.MoveToOuterDisposeScope(), value.MoveToOuterDisposeScope());
    }

    // Share of draws in whole steps, plus the loss scaled into a thousandth: the share decides, the loss breaks ties.
    private static Tensor Score(AttackRun run, Loss loss, Tensor x)
    {
        var value = loss.Value(run.Model.ComputeLogits(x), run.Goal);
        return run.Share(x, run.Goal) + (value / (1 + value.abs())) * 0.001;
    }
}
