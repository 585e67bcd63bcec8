using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>
/// The probabilities of variance-minimizing sampling: the p that minimizes Σ αᵢ/πᵢ, πᵢ = 1 − (1 − pᵢ)ᶜ, Σp = 1, for each row of α.
/// </summary>
/// <remarks>
/// Source: Sheikholeslami, Jain and Giannakis (Efficient randomized defense against adversarial attacks), algorithm 2 for
/// the descent. An α of 0 (or below 10⁻³⁷ of the row's largest in single precision) has p = 0, a row of zeros is uniform, and a single positive α has p = 1.
/// </remarks>
public static class MvmProbabilities
{
    /// <summary>The exact minimizer, by Newton's method on the optimality condition αᵢ·h(pᵢ) = λ.</summary>
    /// <param name="alpha">Squared norms of the rows to sample, (N, K), 0 or above.</param>
    /// <param name="draws">The number of draws c, 1 or above; need not be whole.</param>
    /// <returns>Probabilities (N, K); each row sums to 1. Without a graph.</returns>
    /// <exception cref="ArgumentException">alpha is not (N, K) or not floating point.</exception>
    /// <exception cref="ArgumentOutOfRangeException">draws is below 1 or not finite.</exception>
    public static Tensor Solve(Tensor alpha, double draws)
    {
        Check(alpha, draws);
        if (draws == 1) return SquareRoot(alpha, draws);
        using var constant = no_grad();
        return alpha.numel() > 0 && MemoryLayout.IsPlain(alpha) ? MvmKernel.Solve(alpha, draws) : MvmNewton.Solve(alpha, draws);
    }

    /// <summary>The closed form p ∝ √α: exact for one draw, close to it while c is at most the number of rows.</summary>
    /// <param name="alpha">Squared norms of the rows to sample, (N, K), 0 or above.</param>
    /// <param name="draws">The number of draws c, 1 or above; it has no effect here.</param>
    /// <returns>Probabilities (N, K); each row sums to 1. Without a graph.</returns>
    /// <exception cref="ArgumentException">alpha is not (N, K) or not floating point.</exception>
    /// <exception cref="ArgumentOutOfRangeException">draws is below 1 or not finite.</exception>
    public static Tensor SquareRoot(Tensor alpha, double draws)
    {
        Check(alpha, draws);
        if (alpha.numel() == 0) return alpha.detach().clone();
        using var constant = no_grad();
        using var scope = NewDisposeScope();
        var root = (alpha / alpha.amax([1], keepdim: true).clamp_min(Masks.Tiny(alpha))).sqrt();
        return OrUniform(root).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The paper's algorithm 2: gradient descent from the uniform distribution over the positive α, each step projected on the simplex.
    /// Slower and less exact than <see cref="Solve"/>; for comparison.
    /// </summary>
    /// <param name="alpha">Squared norms of the rows to sample, (N, K), 0 or above.</param>
    /// <param name="draws">The number of draws c, 1 or above; need not be whole.</param>
    /// <param name="step">The step μ in units of 1/K², for α scaled to a mean of 1. The paper gives none.</param>
    /// <param name="tolerance">The iteration of a row ends when ‖Δp‖/‖p‖ is at most this. The paper gives none.</param>
    /// <param name="iterations">The largest number of steps. The paper gives none.</param>
    /// <returns>Probabilities (N, K); each row sums to 1. Without a graph.</returns>
    /// <exception cref="ArgumentException">alpha is not (N, K) or not floating point.</exception>
    /// <exception cref="ArgumentOutOfRangeException">draws or iterations is below 1, step is not above 0, or tolerance is negative.</exception>
    public static Tensor ProjectedGradient(Tensor alpha, double draws, double step = 0.01, double tolerance = 1e-6, int iterations = 100)
    {
        Check(alpha, draws);
        Require.Positive(step, nameof(step));
        Require.NotNegative(tolerance, nameof(tolerance));
        Require.AtLeast(iterations, 1, nameof(iterations));
        if (alpha.numel() == 0) return alpha.detach().clone();
        using var constant = no_grad();
        return MvmDescent.Solve(alpha, draws, step, tolerance, iterations);
    }

    /// <summary>The function that is minimized, Σ αᵢ/πᵢ over the positive α: (N, K) and (N, K) → (N,).</summary>
    /// <param name="alpha">Squared norms of the rows to sample, (N, K), 0 or above.</param>
    /// <param name="probabilities">Probabilities (N, K).</param>
    /// <param name="draws">The number of draws c, 1 or above.</param>
    /// <exception cref="ArgumentException">alpha is not (N, K) or not floating point, or the shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">draws is below 1 or not finite.</exception>
    public static Tensor Objective(Tensor alpha, Tensor probabilities, double draws)
    {
        Check(alpha, draws);
        if (!Require.NotNull(probabilities, nameof(probabilities)).shape.SequenceEqual(alpha.shape))
            throw new ArgumentException($"probabilities must have the shape of alpha, {Require.Shape(alpha)}; it has {Require.Shape(probabilities)}.",
                nameof(probabilities));
        using var scope = NewDisposeScope();
        var positive = alpha.gt(0);
        return where(positive, alpha / Kept(probabilities, draws), zeros_like(alpha)).sum(1).MoveToOuterDisposeScope();
    }

    /// <summary>π = 1 − (1 − p)ᶜ, the probability of being drawn at least once.</summary>
    internal static Tensor Kept(Tensor probabilities, double draws) => probabilities.neg().log1p().mul(draws).expm1().neg();

    /// <summary>
    /// The value of given probabilities, with the gradient in α of the exact probabilities: ∂pᵢ/∂ln αₖ = ½qᵢ(δᵢₖ − qₖ/Σq), q = ∂p/∂(−½ ln λ).
    /// </summary>
    internal static Tensor WithGradient(Tensor alpha, Tensor probabilities, double draws)
    {
        var kept = Kept(probabilities, draws);
        var q = 2 * (1 - probabilities) * kept / (draws * (2 - kept) - kept).clamp_min(Masks.Tiny(alpha));
        var logarithm = where(alpha.gt(Masks.Tiny(alpha)), alpha, ones_like(alpha)).log();
        var change = q * (logarithm - logarithm.detach()) / 2;   // zero, with a gradient
        return probabilities + change - q * (change.sum(1, keepdim: true) / q.sum(1, keepdim: true).clamp_min(Masks.Tiny(alpha)));
    }

    /// <summary>Rows divided by their sums; uniform where the sum is 0.</summary>
    internal static Tensor OrUniform(Tensor weights)
    {
        var sum = weights.sum(1, keepdim: true);
        var empty = sum.le(0).to_type(weights.dtype);
        return (weights + empty) / (sum + empty * weights.shape[1]);
    }

    private static void Check(Tensor alpha, double draws)
    {
        if (Require.FloatingPoint(alpha, nameof(alpha)).dim() != 2)
            throw new ArgumentException($"alpha must have shape (N, K); it has shape {Require.Shape(alpha)}.", nameof(alpha));
        Require.AtLeast(draws, 1, nameof(draws));
        Require.Positive(draws, nameof(draws));
    }
}
