using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The start of decision-based attacks: any point that meets the goal, at any distance.</summary>
internal static class DecisionStart
{
    private const int PlainImages = 4;

    /// <summary>
    /// Tries the given images, then points that suit the attack, random images (alternately with uniform values and with extreme values), the other
    /// images of the batch, and at last the
    /// negative of the image and three flat ones, until each example has a point that meets its goal. Bisection moves the points nearer.
    /// Examples that meet the goal at the start are finished with their original image. So are those without a point; the run names them.
    /// </summary>
    internal static ActiveBatch Find(AttackRun run, Norm norm, int tries, int bisections, StartImages? given = null, IReadOnlyList<Func<Tensor>>? points = null)
    {
        given?.RequireFor(run.Original, run.Model.Bounds);
        using var scope = NewDisposeScope();
        var (x, goal) = (run.Original, run.Goal);
        var fromTheStart = run.IsMet(x, goal);
        var found = x.clone();
        var missing = fromTheStart.logical_not().nonzero().squeeze(1);
        foreach (var candidate in Candidates(run, tries, given, points ?? []))
        {
            if (missing.shape[0] == 0) break;
            run.Step(0, 1);
            var candidates = run.Within(candidate()).index_select(0, missing);
            using var only = run.Only(missing, x.shape[0]);
            var met = run.IsMet(candidates, goal.Select(missing));
            var hits = met.nonzero().squeeze(1);
            found.index_copy_(0, missing.index_select(0, hits), candidates.index_select(0, hits));
            missing = missing.index_select(0, met.logical_not().nonzero().squeeze(1));
        }

        run.LeaveOut(missing);
        var active = new ActiveBatch(run, found);
        active.RetireWhere(fromTheStart.index_fill(0, missing, true));
        if (active.Count > 0 && bisections > 0) active.Move(BoundaryBisection.Shrink(run, active.Original, active.Points, active.Goal, norm, bisections));
        return active;
    }

    // One image for each example at a time, (N, …).
    private static IReadOnlyList<Func<Tensor>> Candidates(AttackRun run, int tries, StartImages? given, IReadOnlyList<Func<Tensor>> points)
    {
        var (x, count) = (run.Original, run.Original.shape[0]);
        return
        [
            .. Numbers(given?.Images.shape[0] ?? 0).Select(turn => (Func<Tensor>)(() => given!.Of(count, turn))),
            .. points,
            .. Numbers(tries).Select(number => (Func<Tensor>)(() => Anywhere(run, corner: number % 2 == 1))),
            .. Numbers(Math.Min(tries, count - 1)).Select(number => (Func<Tensor>)(() => x.roll(number + 1, 0))),
            .. Numbers(PlainImages).Select(number => (Func<Tensor>)(() => Plain(x, run.Model.Bounds, number))),
        ];
    }

    private static IEnumerable<int> Numbers(long count) => Enumerable.Range(0, (int)count);

    private static Tensor Plain(Tensor x, Bounds bounds, int number) =>
        number == 0 ? bounds.Lower + bounds.Upper - x : full_like(x, bounds.Lower + bounds.Range * (number - 1) / 2);

    private static Tensor Anywhere(AttackRun run, bool corner)
    {
        var unit = corner ? run.Random.Bernoulli(0.5, run.Original) : run.Random.Uniform(run.Original);
        return unit.mul_(run.Model.Bounds.Range).add_(run.Model.Bounds.Lower);
    }
}
