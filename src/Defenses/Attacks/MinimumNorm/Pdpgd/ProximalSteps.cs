using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The point that trades a smaller norm against the distance to a given point, measured in Adam's metric.</summary>
internal static class ProximalSteps
{
    private const int MostRounds = 5;
    private const double Converged = 0.01, Tiny = 1e-30;

    /// <summary>Proximal steps from a point, until it moves by less than 1 %: (N, …) → (N, …).</summary>
    /// <param name="norm">L1, L2 or L∞.</param>
    /// <param name="point">The point to stay near, (N, …).</param>
    /// <param name="metric">The weight of each element in the distance, above 0, (N, …).</param>
    /// <param name="weights">The weight of the norm, (N,).</param>
    /// <param name="inside">Clips a point to the bounds.</param>
    internal static Tensor Decrease(Norm norm, Tensor point, Tensor metric, Tensor weights, Func<Tensor, Tensor> inside)
    {
        using var scope = NewDisposeScope();
        var largest = metric.flatten(1).amax([1]);
        var (share, level) = (metric / Norm.PerExample(largest, point), weights / largest);
        var (near, moving) = (point, ones_like(largest, dtype: ScalarType.Bool));
        for (var round = 0; round < MostRounds && moving.any().ToBoolean(); round++)
        {
            var next = inside(Of(norm, near - share * (near - point), level));
            var (moved, size) = (Norm.L2.Size(next - near), Norm.L2.Size(next));
            near = where(Norm.PerExample(moving, point), next, near);
            moving = moving.logical_and(moved > size * Converged);
        }

        return near.alias().MoveToOuterDisposeScope();
    }

    /// <summary>argmin over u of level·‖u‖ + ‖u − point‖²/2, for each example.</summary>
    internal static Tensor Of(Norm norm, Tensor point, Tensor level)
    {
        using var scope = NewDisposeScope();
        var most = Norm.PerExample(level, point);
        if (norm == Norm.L1) return (point.sign() * (point.abs() - most).clamp_min(0)).MoveToOuterDisposeScope();
        if (norm == Norm.L2)
            return (point * (1 - most / Norm.PerExample(norm.Size(point), point).clamp_min(Tiny)).clamp_min(0)).MoveToOuterDisposeScope();
        return (point - PerExampleBall.Project(Norm.L1, point, level)).MoveToOuterDisposeScope();   // Moreau: L∞ and L1 are dual
    }
}
