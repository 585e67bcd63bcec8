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
    private const long RowsPerPass = 512;

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

    // The estimated gradient of the decision, with the mean answer subtracted (equation 16): (N, …).
    private Tensor Direction(AttackRun run, ActiveBatch active, Tensor size, int step)
    {
        using var scope = NewDisposeScope();
        var (x, rows, elements) = (active.Points, active.Count, active.Points.numel() / active.Count);
        var radius = step == 1 ? full_like(size, 0.1 * run.Model.Bounds.Range) : size / elements;
        if (run.Resolution > 0) radius = radius.clamp_min(run.Resolution * Math.Sqrt(elements));   // about a level in each element
        var queries = (long)Math.Min(FirstQueries * Math.Sqrt(step), MostQueries);
        var weighted = zeros([rows, elements], dtype: x.dtype, device: x.device);
        var (plain, answered) = (zeros_like(weighted), zeros_like(size));
        var most = Math.Max(1, RowsPerPass / rows);
        for (var left = queries; left > 0; left -= most)
        {
            using var inner = NewDisposeScope();
            var (moves, answers) = Query(run, active, radius, Math.Min(left, most));
            weighted.add_((moves * answers.unsqueeze(2)).sum([0]));
            plain.add_(moves.sum([0]));
            answered.add_(answers.sum([0]));
        }

        var mean = answered / queries;
        // Where all answers are equal, their mean is not subtracted: nothing would be left.
        var baseline = where(mean.abs() < 1, mean, zeros_like(mean));
        return (weighted - plain * baseline.unsqueeze(1)).view(x.shape).MoveToOuterDisposeScope();
    }

    // Random moves of unit length, (count, N, D), and whether the goal is met there (+1) or not (−1), (count, N).
    private (Tensor Moves, Tensor Answers) Query(AttackRun run, ActiveBatch active, Tensor radius, long count)
    {
        var (x, rows) = (active.Points, active.Count);
        var middle = x.unsqueeze(0).expand([count, .. x.shape]).reshape([count * rows, .. x.shape[1..]]);
        var draw = run.Masked(Norm == Norm.Linf ? run.Random.Uniform(middle).mul_(2).sub_(1) : run.Random.Normal(middle));
        var scale = Norm.PerExample(radius.repeat(count), middle);
        var queried = run.Clip(middle + draw / Norm.PerExample(Norm.L2.Size(draw), middle) * scale);
        var goal = active.Goal.Select(arange(rows, dtype: ScalarType.Int64, device: x.device).repeat(count));
        var met = goal.IsMet(run.Model.ComputeLogits(queried)).to_type(x.dtype);
        return (((queried - middle) / scale).view(count, rows, -1), (met * 2 - 1).view(count, rows));
    }
}
