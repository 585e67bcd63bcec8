using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Several climbs from several starts, of which each example keeps its best point.</summary>
internal static class BestOfRestarts
{
    /// <summary>
    /// The best of the climbs per example: the largest share of fresh draws that meet the goal, then the largest loss. One climb is not compared.
    /// </summary>
    internal static Tensor Find(AttackRun run, ProjectedAscent ascent, int restarts, bool randomStart)
    {
        using var scope = NewDisposeScope();
        Tensor? best = null, bestScore = null;
        var total = (long)ascent.Steps * restarts;
        for (var restart = 0; restart < restarts; restart++)
        {
            using var inner = NewDisposeScope();
            var start = randomStart ? run.Clip(run.Original + ascent.Norm.RandomPoint(run.Original, ascent.Epsilon, run.Random)) : run.Original;
            var end = ascent.Climb(run, start, restart * (long)ascent.Steps, total);
            if (restarts == 1) best = end.MoveToOuterDisposeScope();
            else (best, bestScore) = Better(best, bestScore, end, Score(run, ascent, end));
        }
        run.Step(total, total);
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

    // Share of draws in whole steps, plus the loss squeezed into (0, 1) of a hundredth: the share decides, the loss breaks ties.
    private static Tensor Score(AttackRun run, ProjectedAscent ascent, Tensor x)
    {
        var loss = ascent.Loss.Value(run.Model.ComputeLogits(x), run.Goal);
        return run.Share(x, run.Goal) + loss.sigmoid() * 0.01;
    }
}
