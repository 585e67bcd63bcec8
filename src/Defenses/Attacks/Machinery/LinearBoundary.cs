using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The decision boundary of a linearised model: gap + normal·(x′ − x) = 0 for each example. Does not own its tensors.</summary>
internal sealed class LinearBoundary
{
    private const double Tiny = 1e-8, Farthest = 1e9;
    private const int ManyClasses = 20, FewClasses = 10;
    private readonly double _range;

    /// <summary>A boundary from its value at x, (N,), and the gradient of that value, (N, D).</summary>
    /// <param name="gap">The value at x, (N,).</param>
    /// <param name="normal">Its gradient, (N, D).</param>
    /// <param name="norm">L1, L2 or L∞.</param>
    /// <param name="range">The range of the bounds.</param>
    internal LinearBoundary(Tensor gap, Tensor normal, Norm norm, double range) : this(gap, normal, DualSize(normal, norm), range) { }

    private LinearBoundary(Tensor gap, Tensor normal, Tensor size, double range) => (Gap, Normal, Size, _range) = (gap, normal, size, range);

    /// <summary>The value at x, (N,): above 0 where the goal is met across this boundary.</summary>
    internal Tensor Gap { get; }

    /// <summary>The gradient of the value, (N, D).</summary>
    internal Tensor Normal { get; }

    /// <summary>The dual norm of the gradient, (N,): the largest gain per unit of the norm.</summary>
    internal Tensor Size { get; }

    /// <summary>The class across the boundary, (N,) int64; null for a single named class.</summary>
    internal Tensor? Class { get; init; }

    /// <summary>The distance from x in the norm, (N,); at most 10⁹ ranges, so that sums of steps stay numbers.</summary>
    internal Tensor Distance => Distances(Gap, Size, _range).clamp_max(Farthest * _range);

    /// <summary>|gap| / size of boundaries. The number that keeps a size above 0 is in the units of gradients, 1/range.</summary>
    internal static Tensor Distances(Tensor gaps, Tensor sizes, double range) => gaps.abs() / (sizes + Tiny / range);

    /// <summary>
    /// The distance of logits beyond the goal across single boundaries, (N, classes) → (N, K): the differences of the other classes to the label, the
    /// largest first (Moosavi-Dezfooli et al. 2016, equation 8). Where the goal names a class: only the margin, K = 1.
    /// </summary>
    /// <param name="logits">(N, classes).</param>
    /// <param name="goal">The goal.</param>
    /// <param name="most">The largest number of boundaries; null for all.</param>
    internal static Tensor Leads(Tensor logits, Goal goal, int? most = null)
    {
        if (!goal.CrossesToAnyOther) return goal.Margin(logits).unsqueeze(1);
        var merged = FiniteLogits.Of(goal.Merged(logits));
        return merged.gather(1, Others(merged, goal, most)) - merged.gather(1, goal.Classes.unsqueeze(1));
    }

    /// <summary>The number of other classes whose boundaries are looked at.</summary>
    /// <param name="asked">An attack's option; null: all where the model has at most twenty classes, the ten nearest where it has more.</param>
    /// <param name="classes">The number of classes of the model.</param>
    internal static int NearestClasses(int? asked, long classes) => (int)Math.Min(asked ?? (classes <= ManyClasses ? classes - 1 : FewClasses), classes - 1);

    /// <summary>The nearest in the norm among the boundaries of <see cref="Leads"/>, and the logits; its memory does not grow with their number.</summary>
    /// <param name="model">The model.</param>
    /// <param name="x">The points, (N, …).</param>
    /// <param name="goal">The goal.</param>
    /// <param name="norm">L1, L2 or L∞.</param>
    /// <param name="most">As <see cref="NearestClasses"/>.</param>
    internal static (LinearBoundary Boundary, Tensor Logits) Nearest(ModelView model, Tensor x, Goal goal, Norm norm, int? most)
    {
        using var nearest = new NearestOfMany(norm, model.Bounds.Range);
        var logits = model.EachGradient(x, answers => nearest.Begin(Leads(answers, goal, NearestClasses(most, answers.shape[1]))), nearest.Read);
        return (nearest.Boundary(Across(logits, goal, nearest)), logits);
    }

    /// <summary>The nearest in the norm among the boundaries of <see cref="Leads"/>.</summary>
    /// <param name="jacobian">The gradients of the leads, (N, K, …).</param>
    /// <param name="logits">(N, classes).</param>
    /// <param name="goal">The goal.</param>
    /// <param name="norm">L1, L2 or L∞.</param>
    /// <param name="range">The range of the bounds.</param>
    internal static LinearBoundary Nearest(Tensor jacobian, Tensor logits, Goal goal, Norm norm, double range)
    {
        using var nearest = new NearestOfMany(norm, range);
        nearest.Begin(Leads(logits, goal, (int)jacobian.shape[1]));
        for (var k = 0; k < jacobian.shape[1]; k++) nearest.Read(k, jacobian.select(1, k));
        return nearest.Boundary(Across(logits, goal, nearest));
    }

    /// <summary>The classes across the boundaries of <see cref="Leads"/>, the nearest in the norm first, (N, K) int64; without a slope last.</summary>
    /// <param name="run">The run; its goal crosses to any other class.</param>
    /// <param name="norm">The norm; in L0 the distance is that of L1.</param>
    /// <param name="most">The largest number of classes.</param>
    internal static Tensor NearestFirst(AttackRun run, Norm norm, int most)
    {
        using var scope = NewDisposeScope();
        using var nearest = new NearestOfMany(norm, run.Model.Bounds.Range);
        var logits = run.Model.EachGradient(run.Original, answers => nearest.Begin(Leads(answers, run.Goal, most)), nearest.Read);
        var others = Others(FiniteLogits.Of(run.Goal.Merged(logits)), run.Goal, nearest.Count);
        return others.gather(1, nearest.Distances.argsort(1)).MoveToOuterDisposeScope();
    }

    private static Tensor? Across(Tensor logits, Goal goal, NearestOfMany nearest) =>
        goal.CrossesToAnyOther ? Others(FiniteLogits.Of(goal.Merged(logits)), goal, nearest.Count).gather(1, nearest.Number.unsqueeze(1)).squeeze(1) : null;

    // The other classes by their logits, the largest first: (N, K).
    private static Tensor Others(Tensor logits, Goal goal, int? most) =>
        OtherClasses.Of(logits.detach(), goal.Classes).topk((int)Math.Min(most ?? int.MaxValue, logits.shape[1] - 1), 1).indexes;

    /// <summary>The boundaries of some of the examples.</summary>
    internal LinearBoundary Select(Tensor rows) =>
        new(Gap.index_select(0, rows), Normal.index_select(0, rows), Size.index_select(0, rows), _range);

    /// <summary>The dual norms over the last dimension.</summary>
    internal static Tensor DualSize(Tensor gradients, Norm norm) =>
        norm == Norm.L2 ? gradients.square().sum(-1).sqrt()
        : norm == Norm.Linf ? gradients.abs().sum(-1)
        : gradients.abs().amax([-1]);
}

/// <summary>The nearest of several boundaries, which are read one at a time. Owns what it keeps.</summary>
/// <param name="norm">L1, L2 or L∞.</param>
/// <param name="range">The range of the bounds.</param>
internal sealed class NearestOfMany(Norm norm, double range) : IDisposable
{
    private PerExampleTensors? _best;   // gaps (N, K), which of them count (N, K), distance (N,), number (N,), normal (N, D)

    /// <summary>The number of boundaries.</summary>
    internal int Count => (int)_best![0].shape[1];

    /// <summary>The number of the nearest boundary, (N,) int64. Valid until this is disposed.</summary>
    internal Tensor Number => _best![3];

    /// <summary>The dual size of each boundary's gradient, (N,) each.</summary>
    internal List<Tensor> Sizes { get; } = [];

    /// <summary>The distance of each boundary, (N, K): a new tensor.</summary>
    internal Tensor Distances => LinearBoundary.Distances(_best![0], stack(Sizes, 1), range);

    /// <summary>Begins with the values of all boundaries, (N, K), and returns them.</summary>
    /// <param name="gaps">The values.</param>
    /// <param name="counts">Which of them count for an example, (N, K) bool; null: all.</param>
    internal Tensor Begin(Tensor gaps, Tensor? counts = null)
    {
        var own = gaps.detach().clone();
        var far = full_like(own.select(1, 0), double.PositiveInfinity);
        _best = new PerExampleTensors(
            own, counts?.clone() ?? ones_like(own, dtype: ScalarType.Bool), far, zeros_like(far, dtype: ScalarType.Int64), zeros_like(far).unsqueeze(1));
        return gaps;
    }

    /// <summary>Reads the gradient of one boundary, (N, …).</summary>
    internal void Read(int number, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var (normal, best) = (gradient.flatten(1), _best!);
        var size = LinearBoundary.DualSize(normal, norm);
        var distance = LinearBoundary.Distances(best[0].select(1, number), size, range);
        var nearer = best[1].select(1, number).logical_and(distance < best[2]);
        best[4] = number == 0 ? normal.clone() : where(nearer.unsqueeze(1), normal, best[4]);
        best[3] = where(nearer, full_like(best[3], number), best[3]);
        best[2] = where(nearer, distance, best[2]);
        Sizes.Add(size.DetachFromDisposeScope());
    }

    /// <summary>The nearest boundary.</summary>
    /// <param name="across">The class across it, (N,); null where the goal names a single class.</param>
    internal LinearBoundary Boundary(Tensor? across = null) =>
        new(_best![0].gather(1, Number.unsqueeze(1)).squeeze(1), _best[4].clone(), norm, range) { Class = across };

    /// <summary>Disposes what it keeps.</summary>
    public void Dispose()
    {
        _best?.Dispose();
        foreach (var size in Sizes) size.Dispose();
    }
}
