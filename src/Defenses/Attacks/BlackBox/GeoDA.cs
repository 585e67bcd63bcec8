using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>GeoDA: a small perturbation (L2 or L∞) from decisions only, by the normal of the boundary as if that were flat.</summary>
/// <remarks>
/// Starts at any point that meets the goal, moved to the boundary. A round estimates the normal there from random queries in the lowest frequencies of the
/// cosine transform, and tries the point along it from the original, a little nearer than the present point; bisection returns to the boundary. Where that
/// point does not meet the goal, the normals of the rounds add up. The rounds get more and more queries, by a factor of 0.6^(−2/3). Elements at their bounds
/// count as fixed. On a random view a query is one draw, and the decision about a point is the majority of several draws.
/// Source: Rahmati et al. 2020, algorithm 1 and equation 14. Differs: the answers' mean is subtracted, as in HopSkipJump; the search goes inwards
/// from the present distance and not outwards from the original; the queries lie at a hundredth of the distance; works towards a target, too. Inputs
/// that are no images use all directions. An example without a start keeps its original image, and <see cref="AttackResult.NotAttempted"/> names it.
/// </remarks>
public sealed record GeoDA : Attack
{
    private const int StartBisections = 18, Bisections = 14, FirstQueries = 50;
    private const double ProbeShare = 0.01, Nearer = 1 - 1 / 64d;
    private static readonly double s_growth = Math.Pow(0.6, -2 / 3d);

    /// <summary>The norm to keep small: L2 (default) or L∞.</summary>
    public override Norm Norm { get; init => field = Norm.L2OrLinf(value, nameof(Norm)); } = Norm.L2;

    /// <summary>The queries for the normals of an example, at least 1; by default 5000. Decisions come on top: a start, and about fifteen in a round.</summary>
    public int Queries { get; init => field = Require.AtLeast(value, 1, nameof(Queries)); } = 5000;

    /// <summary>The share of the frequencies along each side of an image in which it searches, above 0 and at most 1; by default 0.5.</summary>
    public double FrequencyShare
    {
        get;
        init => field = Require.Within(Require.Positive(value, nameof(FrequencyShare)), 0, 1, nameof(FrequencyShare));
    } = 0.5;

    /// <summary>The number of random images, and then of other images of the batch, to try as a start; at least 1, by default 50.</summary>
    public int StartTries { get; init => field = Require.AtLeast(value, 1, nameof(StartTries)); } = 50;

    /// <summary>Images to try as a start before all others; none by default (null). Towards a target: images of the target class.</summary>
    public StartImages? Start { get; init; }

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Decisions;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Steps ? this with { Queries = MoreSteps(Queries, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        using var scope = NewDisposeScope();
        var rounds = Rounds(Queries);
        run.Step(0, rounds.Length);
        using var active = DecisionStart.Find(run, Norm, StartTries, StartBisections, Start);
        using var normals = new PerExampleTensors(zeros_like(active.Points));
        for (var round = 0; round < rounds.Length && active.Count > 0; round++)
        {
            run.Step(round, rounds.Length);
            using var inner = NewDisposeScope();
            var radius = Norm.L2.Size(active.Points - active.Original) * ProbeShare;
            var normal = normals[0] + BoundaryNormal.Estimate(run, active, radius, rounds[round], like => CosineWaves.Random(run.Random, like, FrequencyShare));
            var moved = Approach(run, active, normal);
            normals[0] = where(Norm.PerExample(moved, normal), zeros_like(normal), normal);
        }

        run.Step(rounds.Length, rounds.Length);
        return active.Results().MoveToOuterDisposeScope();
    }

    // As many rounds as possible with at least 50 queries in the first (section 3.4).
    private static long[] Rounds(int queries)
    {
        var count = Math.Max(1, (int)(Math.Log(1 + (s_growth - 1) * queries / FirstQueries) / Math.Log(s_growth)));
        var first = queries * (s_growth - 1) / (Math.Pow(s_growth, count) - 1);
        return [.. Enumerable.Range(0, count).Select(round => Math.Max(1, (long)(first * Math.Pow(s_growth, round))))];
    }

    // Moves the examples whose point along the normal is nearer and meets the goal; returns which, (N,) bool.
    private Tensor Approach(AttackRun run, ActiveBatch active, Tensor normal)
    {
        var (x, original, goal) = (active.Points, active.Original, active.Goal);
        var free = run.Clip(original + normal.sign() * run.Model.Bounds.Range).ne(original);
        var direction = Norm.SteepestDirection(where(free, normal, zeros_like(normal)));
        var candidate = run.Clip(original + direction * Norm.PerExample(Norm.Size(x - original) * Nearer, x));
        var met = run.IsMet(candidate, goal);
        var rows = met.nonzero().squeeze(1);
        if (rows.shape[0] == 0) return met;
        using var only = run.Only(rows, active.Count);
        var near = BoundaryBisection.Shrink(
            run, original.index_select(0, rows), candidate.index_select(0, rows), goal.Select(rows), Norm, Bisections);
        active.Move(x.index_copy(0, rows, near));
        return met;
    }
}
