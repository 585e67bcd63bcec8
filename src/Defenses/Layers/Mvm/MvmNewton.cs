using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>The exact probabilities of <see cref="MvmProbabilities"/> for any dtype and device: all rows at once. See <see cref="MvmKernel"/>.</summary>
internal static class MvmNewton
{
    internal static Tensor Solve(Tensor alpha, double draws)
    {
        using var scope = NewDisposeScope();
        var exact = alpha.dtype == ScalarType.Float64;
        var (outer, inner, tolerance) = exact ? (60, 8, 1e-14) : (6, 3, 1e-6);
        var scaled = Masks.Precise(alpha);
        scaled = scaled / scaled.amax([1], keepdim: true).clamp_min(Masks.Tiny(scaled));
        var active = scaled.gt(Masks.Tiny(scaled));
        var weight = active.to_type(scaled.dtype);
        var halfLog = where(active, scaled, ones_like(scaled)).log() / 2;   // 0 where inactive; 0 is also the largest of the others
        var p = FindProbabilities(halfLog, weight, draws, outer, inner, tolerance, stopEarly: exact);
        var single = weight.sum(1, keepdim: true).eq(1);
        return MvmProbabilities.OrUniform(where(single, weight, p)).to_type(alpha.dtype).MoveToOuterDisposeScope();
    }

    private static Tensor FindProbabilities(
        Tensor halfLog, Tensor weight, double draws, int outer, int inner, double tolerance, bool stopEarly)
    {
        var active = weight.sum(1, keepdim: true);
        var uniform = (1 / active.clamp_min(2)).neg().log1p() * (-draws / 2);
        uniform = uniform * (1 - 1 / draws) + (uniform * -2).expm1().neg().log();   // the m at which equal weights are solved
        var (low, high) = (uniform, uniform - halfLog.amin([1], keepdim: true));
        var m = uniform - halfLog.sum(1, keepdim: true) / active.clamp_min(1);
        for (var iteration = 1; ; iteration++)
        {
            using var round = NewDisposeScope();
            var (p, slopes) = Probability(halfLog + m, draws, inner);
            p = p * weight;
            var sum = p.sum(1, keepdim: true);
            var open = (sum - 1).abs().gt(tolerance).logical_and(active.gt(1));   // finished rows do not change
            if (iteration == outer || (stopEarly && !open.any().ToBoolean())) return p.MoveToOuterDisposeScope();
            var above = sum.gt(1);
            high = where(above.logical_and(open), m, high);
            low = where(above.logical_or(open.logical_not()), low, m);
            var next = m - sum * sum.log() / (slopes * weight).sum(1, keepdim: true);
            next = where(next.gt(low).logical_and(next.lt(high)), next, (low + high) / 2);
            m = where(open, next, m);
            (low, high, m) = (low.MoveToOuterDisposeScope(), high.MoveToOuterDisposeScope(), m.MoveToOuterDisposeScope());
        }
    }

    // p and dp/dm where w(1 − 1/c) + ln(1 − e⁻²ʷ) = level.
    private static (Tensor P, Tensor Slope) Probability(Tensor level, double draws, int inner)
    {
        level = level.clamp(-300, 300);
        var w = (level.clamp_max(80).exp() / 2).asinh();
        var kept = w;
        for (var step = 0; step < inner; step++)
        {
            kept = (w * -2).expm1().neg();   // 1 − e⁻²ʷ = π
            var error = w * (1 - 1 / draws) + kept.log() - level;
            w = w - error * kept / (2 - kept * (1 + 1 / draws));
        }
        var p = (w * (-2 / draws)).expm1().neg();
        return (p, 2 * (1 - p) * kept / (2 * draws - kept * (draws + 1)));
    }
}

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
            var open = moved.gt(tolerance);   // a converged row does not change
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
