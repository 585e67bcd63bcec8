using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Balls with a radius of its own for each example.</summary>
internal static class PerExampleBall
{
    private const double Tiny = 1e-30;

    /// <summary>The nearest perturbation (in L2) of at most the radius of its example: (N, …) → (N, …).</summary>
    /// <param name="norm">The norm of the balls.</param>
    /// <param name="perturbation">(N, …).</param>
    /// <param name="radii">(N,), finite, 0 or above; in L0 the number of elements, rounded down.</param>
    internal static Tensor Project(Norm norm, Tensor perturbation, Tensor radii)
    {
        using var scope = NewDisposeScope();
        if (norm == Norm.L0) return Largest(perturbation, radii).MoveToOuterDisposeScope();
        var radius = Norm.PerExample(radii, perturbation);
        var projected = norm.Project(perturbation / radius.clamp_min(Tiny), 1) * radius;   // the norm scales with its argument
        var inside = Norm.PerExample(norm.Size(perturbation) <= radii, perturbation);
        return where(inside, perturbation, where(radius > 0, projected, zeros_like(projected))).MoveToOuterDisposeScope();
    }

    // The elements with the largest changes, as many as the radius; of equal changes the first.
    private static Tensor Largest(Tensor perturbation, Tensor radii)
    {
        var flat = perturbation.flatten(1);
        var (_, order) = flat.abs().sort(1, descending: true, stable: true);
        var kept = arange(flat.shape[1], dtype: flat.dtype, device: flat.device).unsqueeze(0) < radii.floor().unsqueeze(1);
        var mask = zeros_like(flat).scatter_(1, order, kept.to_type(flat.dtype));
        return (flat * mask).view(perturbation.shape);
    }
}
