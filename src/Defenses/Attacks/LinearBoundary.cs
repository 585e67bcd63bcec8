using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Where a linearised model changes its answer: gap + normal·(x′ − x) = 0 for each example. Not an owner of its tensors.</summary>
internal sealed class LinearBoundary
{
    private const double Tiny = 1e-8;

    /// <summary>A boundary by its value at x, (N,), and the gradient of that, (N, D).</summary>
    internal LinearBoundary(Tensor gap, Tensor normal, Norm norm) => (Gap, Normal, Size) = (gap, normal, DualSize(normal, norm));

    /// <summary>The value at x, (N,): above 0 where the goal is met across this boundary.</summary>
    internal Tensor Gap { get; }

    /// <summary>Its gradient, (N, D).</summary>
    internal Tensor Normal { get; }

    /// <summary>The dual norm of the gradient, (N,): the largest gain per unit of the norm.</summary>
    internal Tensor Size { get; }

    /// <summary>The class across the boundary (towards a target: the class to be beaten), (N,) int64; null where nobody chose it.</summary>
    internal Tensor? Class { get; private init; }

    /// <summary>The distance from x in the norm, (N,).</summary>
    internal Tensor Distance => Gap.abs() / (Size + Tiny);

    /// <summary>
    /// Untargeted: the boundary between the label and another class that is nearest in the norm (Moosavi-Dezfooli et al. 2016, equation 8).
    /// Targeted: the boundary between the target and the best other class.
    /// </summary>
    /// <param name="jacobian">(N, classes, …).</param>
    /// <param name="logits">(N, classes).</param>
    /// <param name="goal">The goal.</param>
    /// <param name="norm">L1, L2 or L∞.</param>
    internal static LinearBoundary Nearest(Tensor jacobian, Tensor logits, Goal goal, Norm norm)
    {
        (jacobian, logits) = goal.Merged(jacobian, logits);
        var rows = jacobian.flatten(2);                            // (N, classes, D)
        var own = goal.Classes.unsqueeze(1);
        var gaps = logits - logits.gather(1, own);                 // (N, classes): z_k − z_own
        var directions = rows - Row(rows, own);                    // ∇(z_k − z_own)
        var sizes = DualSize(directions, norm);
        // Untargeted: the nearest class. Targeted: the class to be beaten is the best other one.
        var chosen = goal.IsTargeted
            ? logits.scatter(1, own, full_like(own, double.NegativeInfinity, dtype: logits.dtype)).argmax(1, keepdim: true)
            : (gaps.abs() / (sizes + Tiny)).scatter(1, own, full_like(own, double.PositiveInfinity, dtype: logits.dtype)).argmin(1, keepdim: true);
        var (gap, normal) = (gaps.gather(1, chosen).squeeze(1), Row(directions, chosen).squeeze(1));
        if (goal.IsTargeted) (gap, normal) = (-gap, -normal);
        return new LinearBoundary(gap, normal, norm) { Class = chosen.squeeze(1) };
    }

    // Over the last dimension.
    private static Tensor DualSize(Tensor gradients, Norm norm) =>
        norm == Norm.L2 ? gradients.square().sum(-1).sqrt()
        : norm == Norm.Linf ? gradients.abs().sum(-1)
        : gradients.abs().amax([-1]);

    private static Tensor Row(Tensor rows, Tensor number) => rows.gather(1, number.unsqueeze(2).expand(-1, 1, rows.shape[2]));
}
