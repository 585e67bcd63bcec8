using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>HopSkipJump: a small perturbation (L2 or L∞) from decisions only; estimates the direction of the boundary by random queries.</summary>
/// <remarks>
/// Starts at any point that meets the goal. Each step estimates the gradient at the boundary as the mean of random directions, weighted by +1 where
/// the goal is met and by −1 elsewhere; moves along it by size/√t, halved until the goal is met; and returns to the boundary by bisection. Step t
/// uses <see cref="FirstQueries"/>·√t queries per image. The smallest point is kept. On a random view a query is one draw, and the decision about a
/// point is the majority of several draws. Source: Chen, Jordan and Wainwright 2020, algorithm 2. Differs: a step that does not come nearer is not
/// taken. An example without a starting point keeps its original image, and <see cref="AttackResult.NotAttempted"/> names it.
/// </remarks>
public sealed record HopSkipJump : Attack
{
    private const int Bisections = 14, Halvings = 12;

    /// <summary>The norm to keep small: L2 (default) or L∞.</summary>
    public override Norm Norm { get; init => field = Norm.L2OrLinf(value, nameof(Norm)); } = Norm.L2;

    /// <summary>The number of steps, at least 1; by default 50.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 50;

    /// <summary>Queries for the first estimate (B₀), at least 1; by default 100.</summary>
    public int FirstQueries { get; init => field = Require.AtLeast(value, 1, nameof(FirstQueries)); } = 100;

    /// <summary>The largest number of queries for an estimate, at least 1; by default 10,000.</summary>
    public int MostQueries { get; init => field = Require.AtLeast(value, 1, nameof(MostQueries)); } = 10_000;

    /// <summary>The number of random images, and then of other images of the batch, to try as a start; at least 1, by default 50.</summary>
    public int StartTries { get; init => field = Require.AtLeast(value, 1, nameof(StartTries)); } = 50;

    /// <summary>Images to try as a start before all others; none by default (null). Towards a target: images of the target class.</summary>
    public StartImages? Start { get; init; }

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Decisions;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Steps ? this with { Steps = MoreSteps(Steps, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        using var scope = NewDisposeScope();
        run.Step(0, Steps);
        using var active = DecisionStart.Find(run, Norm, StartTries, Bisections, Start);
        for (var step = 1; step <= Steps && active.Count > 0; step++)
        {
            run.Step(step - 1, Steps);
            using var inner = NewDisposeScope();
            var (x, original) = (active.Points, active.Original);
            var size = Norm.Size(x - original);
            var nearer = BoundaryBisection.Shrink(run, original, Jump(run, active, size, step), active.Goal, Norm, Bisections);
            active.Move(where(Norm.PerExample(Norm.Size(nearer - original) < size, x), nearer, x));
        }

        run.Step(Steps, Steps);
        return active.Results().MoveToOuterDisposeScope();
    }

    // Moves along the estimated direction, as far as the goal stays met: (N, …).
    private Tensor Jump(AttackRun run, ActiveBatch active, Tensor size, int step)
    {
        var (x, goal) = (active.Points, active.Goal);
        var direction = Norm.SteepestDirection(Direction(run, active, size, step));
        var length = size / Math.Sqrt(step);
        var landed = x;
        var waiting = ones_like(size, dtype: ScalarType.Bool);
        for (var halving = 0; halving < Halvings && waiting.any().ToBoolean(); halving++)
        {
            var candidate = run.Clip(x + direction * Norm.PerExample(length, x));
            var lands = waiting.logical_and(run.IsMet(candidate, goal));
            landed = where(Norm.PerExample(lands, x), candidate, landed);
            waiting = waiting.logical_and(lands.logical_not());
            length = length / 2;
        }

        return landed;
    }

    // The estimated gradient of the decision: (N, …).
    private Tensor Direction(AttackRun run, ActiveBatch active, Tensor size, int step)
    {
        var elements = active.Points.numel() / active.Count;
        var radius = step == 1 ? full_like(size, 0.1 * run.Model.Bounds.Range) : size / elements;
        var queries = (long)Math.Min(FirstQueries * Math.Sqrt(step), MostQueries);
        return BoundaryNormal.Estimate(run, active, radius, queries,
            middle => Norm == Norm.Linf ? run.Random.Uniform(middle).mul_(2).sub_(1) : run.Random.Normal(middle));
    }
}
