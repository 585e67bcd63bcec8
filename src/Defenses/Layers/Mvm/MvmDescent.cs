using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>Projected gradient descent for <see cref="MvmProbabilities"/>: algorithm 2 of its paper.</summary>
internal static class MvmDescent
{
    internal static Tensor Solve(Tensor alpha, double draws, double step, double tolerance, int iterations)
    {
        using var scope = NewDisposeScope();
        var units = alpha.shape[1];
        var scaled = Masks.Precise(alpha);
        scaled = scaled / scaled.amax([1], keepdim: true).clamp_min(Masks.Tiny(scaled));
        scaled = scaled / scaled.mean([1], keepdim: true).clamp_min(Masks.Tiny(scaled));
        var active = scaled.gt(0).to_type(scaled.dtype);
        var floor = active * (1e-6 / units);   // the gradient is unbounded at 0
        var p = MvmProbabilities.OrUniform(active);
        for (var iteration = 0; iteration < iterations; iteration++)
        {
            using var round = NewDisposeScope();
            var next = ProjectOnSimplex(p + Descent(scaled, p, draws) * (step / units / units)).maximum(floor);
            var moved = (next - p).norm(1, keepdim: true) / p.norm(1, keepdim: true);
            var open = moved.gt(tolerance);   // a row that has come to rest stays
            p = where(open, next, p).MoveToOuterDisposeScope();
            if (!open.any().ToBoolean()) break;
        }
        return MvmProbabilities.OrUniform(p).to_type(alpha.dtype).MoveToOuterDisposeScope();
    }

    // −∂(Σ α/π)/∂p = α·c(1 − p)ᶜ⁻¹/π²; 0 where p is 0.
    private static Tensor Descent(Tensor alpha, Tensor p, double draws)
    {
        var kept = MvmProbabilities.Kept(p, draws);
        return where(p.gt(0), alpha * draws * (p.neg().log1p() * (draws - 1)).exp() / kept.square(), zeros_like(alpha));
    }

    /// <summary>The nearest point of the simplex, row by row (Held, Wolfe and Crowder 1974): max(x − τ, 0) with the τ that makes the sum 1.</summary>
    internal static Tensor ProjectOnSimplex(Tensor x)
    {
        using var scope = NewDisposeScope();
        var sorted = x.sort(1, descending: true).Values;
        var counts = arange(1, x.shape[1] + 1, dtype: x.dtype, device: x.device);
        var thresholds = (sorted.cumsum(1) - 1) / counts;
        var support = sorted.gt(thresholds).sum(1, keepdim: true).clamp_min(1);   // sorted > threshold on a head of the row
        return (x - thresholds.gather(1, support - 1)).clamp_min(0).MoveToOuterDisposeScope();
    }
}
