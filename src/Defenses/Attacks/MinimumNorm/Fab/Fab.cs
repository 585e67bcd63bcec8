using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Fast adaptive boundary: the smallest perturbation (L1, L2 or L∞) by projections onto linearised boundaries, near the original.</summary>
/// <remarks>
/// Each step projects both the point and the original onto the nearest linearised boundary within the bounds, goes a little beyond, and mixes
/// the two results with a weight that pulls towards the original. A point that meets the goal is kept if it is the smallest so far, and the
/// search steps back from it. Source: Croce and Hein 2020 (FAB), algorithm 1 with its final search. Differs: restarts begin around the
/// original at half the best size so far, or at a quarter of the bounds' range before the first success; after the first step of a start, classes whose
/// boundary was last at least four times as far as the nearest are not differentiated.
/// An example that meets the goal already is finished; an example without success keeps its original image.
/// </remarks>
public sealed record Fab : Attack
{
    private const int FinalSearch = 4;

    /// <summary>The norm to keep small: L1, L2 or (default) L∞.</summary>
    public override Norm Norm { get; init => field = Norm.L1L2OrLinf(value, nameof(Norm)); } = Norm.Linf;

    /// <summary>The number of steps of a start, at least 1; by default 100.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 100;

    /// <summary>The number of starts, at least 1; by default 1. The first is at the original, the others are random.</summary>
    public int Restarts { get; init => field = Require.AtLeast(value, 1, nameof(Restarts)); } = 1;

    /// <summary>The largest weight of the original's projection (α_max), from 0 to 1; by default 0.1.</summary>
    public double Bias { get; init => field = Require.Within(value, 0, 1, nameof(Bias)); } = 0.1;

    /// <summary>The length of a step, as a multiple of the projection (η), at least 1; by default 1.05.</summary>
    public double Overshoot { get; init => field = Require.AtLeast(value, 1, nameof(Overshoot)); } = 1.05;

    /// <summary>The share of its perturbation that an adversarial point keeps for the next step (β), from 0 to 1; by default 0.9.</summary>
    public double Backward { get; init => field = Require.Within(value, 0, 1, nameof(Backward)); } = 0.9;

    /// <summary>
    /// How many other classes are looked at for the nearest boundary, those with the largest logits; at least 1. By default (null) all where the model has
    /// at most twenty classes, and ten where it has more: each costs a backward pass. Towards a single class it has no effect.
    /// </summary>
    public int? NearestClasses { get; init => field = value is { } count ? Require.AtLeast(count, 1, nameof(NearestClasses)) : null; }

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Gradient;

    /// <inheritdoc/>
    public override int? GradientSteps => Steps;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) => effort switch
    {
        AttackEffort.Steps => this with { Steps = MoreSteps(Steps, factor) },
        AttackEffort.Restarts => this with { Restarts = factor * Restarts },
        _ => null,
    };

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        using var scope = NewDisposeScope();
        using var active = new ActiveBatch(run, run.Original);
        active.Retire(run.Model.ComputeLogits(active.Points));
        if (active.Count == 0) return active.Results().MoveToOuterDisposeScope();
        using var best = new SmallestAdversarials(active.Remaining, Norm);
        for (var restart = 0; restart < Restarts; restart++) Search(run, best, restart);
        active.Move(best.Shrunk(FinalSearch));
        run.Step((long)Steps * Restarts, (long)Steps * Restarts);
        return active.Results().MoveToOuterDisposeScope();
    }

    private void Search(AttackRun run, SmallestAdversarials best, int restart)
    {
        using var scope = NewDisposeScope();
        var original = best.Original;
        using var boundaries = new NearestBoundaries(Norm, NearestClasses);
        var x = restart == 0 ? original.clone() : best.Around(run);
        for (var step = 0; step < Steps; step++)
        {
            run.Step((long)restart * Steps + step, (long)Steps * Restarts);
            using var inner = NewDisposeScope();
            var next = Advance(run, x, original, boundaries.Find(run.Model, x, best.Goal).Boundary);
            var met = Norm.PerExample(best.KeepSmaller(next), next);
            next = where(met, original + (next - original) * Backward, next);
            x.Dispose();
            x = next.MoveToOuterDisposeScope();
        }
    }

    private Tensor Advance(AttackRun run, Tensor x, Tensor original, LinearBoundary boundary)
    {
        var (point, origin, normal) = (x.flatten(1), original.flatten(1), boundary.Normal);
        var originGap = boundary.Gap + (normal * (origin - point)).sum(1);
        var bounds = run.Model.Bounds;
        var both = HyperplaneProjection.Change(cat([point, origin]), cat([boundary.Gap, originGap]), cat([normal, normal]), Norm, bounds);
        var sizes = Norm.Size(both).clamp_min(1e-8 * bounds.Range).view(2, -1);
        var weight = (sizes.select(0, 0) / sizes.sum([0])).clamp_max(Bias).unsqueeze(1);
        var halves = both.view(2, x.shape[0], -1) * Overshoot;
        var next = (point + halves.select(0, 0)) * (1 - weight) + (origin + halves.select(0, 1)) * weight;
        return run.Clip(next).view(x.shape);
    }
}
