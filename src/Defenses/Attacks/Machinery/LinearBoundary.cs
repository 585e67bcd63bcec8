using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The decision boundary of a linearised model: gap + normal·(x′ − x) = 0 for each example. Does not own its tensors.</summary>
internal sealed class LinearBoundary
{
    private const double Tiny = 1e-8;

    /// <summary>A boundary from its value at x, (N,), and the gradient of that value, (N, D).</summary>
    internal LinearBoundary(Tensor gap, Tensor normal, Norm norm) : this(gap, normal, DualSize(normal, norm)) { }

    private LinearBoundary(Tensor gap, Tensor normal, Tensor size) => (Gap, Normal, Size) = (gap, normal, size);

    /// <summary>The value at x, (N,): above 0 where the goal is met across this boundary.</summary>
    internal Tensor Gap { get; }

    /// <summary>The gradient of the value, (N, D).</summary>
    internal Tensor Normal { get; }

    /// <summary>The dual norm of the gradient, (N,): the largest gain per unit of the norm.</summary>
    internal Tensor Size { get; }

    /// <summary>The class across the boundary, (N,) int64; null for a single named class.</summary>
    internal Tensor? Class { get; private init; }

    /// <summary>The distance from x in the norm, (N,).</summary>
    internal Tensor Distance => Gap.abs() / (Size + Tiny);

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
        var merged = goal.Merged(logits);
        return merged.gather(1, Others(merged, goal, most)) - merged.gather(1, goal.Classes.unsqueeze(1));
    }

    /// <summary>The nearest in the norm among the boundaries of <see cref="Leads"/>.</summary>
    /// <param name="jacobian">The gradients of the leads, (N, K, …).</param>
    /// <param name="logits">(N, classes).</param>
    /// <param name="goal">The goal.</param>
    /// <param name="norm">L1, L2 or L∞.</param>
    internal static LinearBoundary Nearest(Tensor jacobian, Tensor logits, Goal goal, Norm norm)
    {
        var directions = jacobian.flatten(2);                      // (N, K, D)
        var count = (int)directions.shape[1];
        var gaps = Leads(logits, goal, count);
        var chosen = (gaps.abs() / (DualSize(directions, norm) + Tiny)).argmin(1, keepdim: true);
        var normal = directions.gather(1, chosen.unsqueeze(2).expand(-1, 1, directions.shape[2])).squeeze(1);
        return new LinearBoundary(gaps.gather(1, chosen).squeeze(1), normal, norm)
        {
            Class = goal.CrossesToAnyOther ? Others(goal.Merged(logits), goal, count).gather(1, chosen).squeeze(1) : null,
        };
    }

    /// <summary>The classes other than the label by the distances of their linearised boundaries, the nearest first: (N, K).</summary>
    /// <remarks>The parameters are those of <see cref="Nearest"/>. In L0 the distance is that of L1.</remarks>
    internal static Tensor NearestClasses(Tensor jacobian, Tensor logits, Goal goal, Norm norm)
    {
        var directions = jacobian.flatten(2);
        var count = (int)directions.shape[1];
        var order = (Leads(logits, goal, count).abs() / (DualSize(directions, norm) + Tiny)).argsort(1);
        return Others(goal.Merged(logits), goal, count).gather(1, order);
    }

    // The other classes by their logits, the largest first: (N, K).
    private static Tensor Others(Tensor logits, Goal goal, int? most) =>
        OtherClasses.Of(logits.detach(), goal.Classes).topk((int)Math.Min(most ?? int.MaxValue, logits.shape[1] - 1), 1).indexes;

    /// <summary>The boundaries of some of the examples.</summary>
    internal LinearBoundary Select(Tensor rows) => new(Gap.index_select(0, rows), Normal.index_select(0, rows), Size.index_select(0, rows));

    /// <summary>The dual norms over the last dimension.</summary>
    internal static Tensor DualSize(Tensor gradients, Norm norm) =>
        norm == Norm.L2 ? gradients.square().sum(-1).sqrt()
        : norm == Norm.Linf ? gradients.abs().sum(-1)
        : gradients.abs().amax([-1]);
}
