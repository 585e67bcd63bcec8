using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The smallest point of each example that meets the goal, of all points tried; the original where no point does.</summary>
internal sealed class SmallestAdversarials : IDisposable
{
    private readonly AttackRun _run;
    private readonly Norm _norm;
    private readonly PerExampleTensors _best;

    internal SmallestAdversarials(AttackRun run, Norm norm)
    {
        (_run, _norm) = (run, norm);
        var x = run.Original;
        _best = new PerExampleTensors(x.clone(), full([x.shape[0]], double.PositiveInfinity, dtype: x.dtype, device: x.device));
    }

    /// <summary>The original images, (N, …).</summary>
    internal Tensor Original => _run.Original;

    /// <summary>The goal of the examples.</summary>
    internal Goal Goal => _run.Goal;

    /// <summary>The best points, (N, …); the original where none was found. Owned by this object.</summary>
    internal Tensor Points { get => _best[0]; private set => _best[0] = value; }

    /// <summary>Their sizes, (N,); ∞ where none was found. Owned by this object.</summary>
    internal Tensor Sizes { get => _best[1]; private set => _best[1] = value; }

    /// <summary>Keeps the points that meet the goal and are smaller. Returns which of the points meet the goal, (N,) bool.</summary>
    internal Tensor KeepSmaller(Tensor points)
    {
        using var scope = NewDisposeScope();
        var met = _run.Confirm(Goal.IsMet(_run.Model.ComputeLogits(points)), points, Goal, isForward: true);
        Keep(points, met);
        return met.MoveToOuterDisposeScope();
    }

    /// <summary>The same, with the logits of the points from a gradient pass: (N, classes).</summary>
    /// <remarks>Where such logits are rough, only the points that would be kept are confirmed; the others guide the search, and nothing else.</remarks>
    internal Tensor KeepSmaller(Tensor points, Tensor logits)
    {
        using var scope = NewDisposeScope();
        var seen = Goal.IsMet(logits);
        var guides = _run.IsRandom || !_run.Model.HasRoughGradients ? zeros_like(seen) : _norm.Size(points - Original) >= Sizes;
        var met = _run.Confirm(seen.logical_and(guides.logical_not()), points, Goal);
        Keep(points, met);
        return met.logical_or(seen.logical_and(guides)).MoveToOuterDisposeScope();
    }

    /// <summary>The same for some of the examples, with what is known of their points.</summary>
    /// <param name="rows">The numbers of these examples, (M,) int64.</param>
    /// <param name="points">Their points, (M, …).</param>
    /// <param name="met">Whether fresh draws find that these meet the goal, (M,) bool.</param>
    internal void KeepSmaller(Tensor rows, Tensor points, Tensor met)
    {
        using var scope = NewDisposeScope();
        Keep(Points.index_copy(0, rows, points), zeros_like(Sizes, dtype: ScalarType.Bool).index_copy(0, rows, met));
    }

    private void Keep(Tensor points, Tensor met)
    {
        var size = _norm.Size(points - Original);
        var better = met.logical_and(size < Sizes);
        Points = where(Norm.PerExample(better, points), points, Points);
        Sizes = where(better, size, Sizes);
    }

    /// <summary>The best points, moved towards the originals by bisection; in L0 with fewer changed elements where the goal allows it. On a random model
    /// the bisection ends where half of the draws meet the goal: points that fresh draws do not confirm there stay where they were.</summary>
    internal Tensor Shrunk(int steps)
    {
        using var scope = NewDisposeScope();
        var found = Norm.PerExample(Sizes.isfinite(), Original);
        var nearer = _norm == Norm.L0
            ? SaturatedElements.Reduce(_run, Points)
            : BoundaryBisection.Shrink(_run, Original, Points, Goal, _norm, steps);
        if (_run.IsRandom) nearer = where(Norm.PerExample(_run.IsMet(nearer, Goal), nearer), nearer, Points);
        return where(found, nearer, Original).MoveToOuterDisposeScope();
    }

    /// <summary>Random points around the originals, at half the best size so far, or at a quarter of the bounds' range.</summary>
    internal Tensor Around(AttackRun run)
    {
        using var scope = NewDisposeScope();
        var direction = run.Masked(_norm == Norm.Linf ? run.Random.Uniform(Original).mul_(2).sub_(1) : run.Random.Normal(Original));
        var far = _norm.Size(full_like(Original, run.Model.Bounds.Range / 4));
        var radius = where(Sizes.isfinite(), Sizes / 2, far) / _norm.Size(direction);
        return run.Clip(Original + direction * Norm.PerExample(radius, Original)).MoveToOuterDisposeScope();
    }

    /// <summary>Disposes the best points.</summary>
    public void Dispose() => _best.Dispose();
}
