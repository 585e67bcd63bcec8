using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The start of decision-based attacks: any point that meets the goal, at any distance.</summary>
internal static class DecisionStart
{
    /// <summary>
    /// Tries random images (alternately with uniform values and with extreme values), then the other images of the batch, until each example has a point
    /// that meets its goal. Bisection moves the points nearer.
    /// Examples that meet the goal at the start, and those without a point, are finished with their original image.
    /// </summary>
    internal static ActiveBatch Find(AttackRun run, Norm norm, int tries, int bisections)
    {
        using var scope = NewDisposeScope();
        var (x, goal) = (run.Original, run.Goal);
        var fromTheStart = run.IsMet(x, goal);
        var points = x.clone();
        var missing = fromTheStart.logical_not().nonzero().squeeze(1);
        var all = tries + Math.Min(tries, x.shape[0] - 1);
        for (var number = 0L; number < all && missing.shape[0] > 0; number++)
        {
            run.Step(0, 1);
            var candidates = run.Within(number < tries ? Anywhere(run, corner: number % 2 == 1) : x.roll(number - tries + 1, 0)).index_select(0, missing);
            using var only = run.Only(missing, x.shape[0]);
            var met = run.IsMet(candidates, goal.Select(missing));
            var hits = met.nonzero().squeeze(1);
            points.index_copy_(0, missing.index_select(0, hits), candidates.index_select(0, hits));
            missing = missing.index_select(0, met.logical_not().nonzero().squeeze(1));
        }

        var lost = fromTheStart.index_fill(0, missing, true);
        var active = new ActiveBatch(run, points);
        active.RetireWhere(lost);
        if (active.Count > 0) active.Move(BoundaryBisection.Shrink(run, active.Original, active.Points, active.Goal, norm, bisections));
        return active;
    }

    private static Tensor Anywhere(AttackRun run, bool corner)
    {
        var unit = corner ? run.Random.Bernoulli(0.5, run.Original) : run.Random.Uniform(run.Original);
        return unit.mul_(run.Model.Bounds.Range).add_(run.Model.Bounds.Lower);
    }
}
