using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>A measure of the size of a perturbation, with its geometry: projection, steepest direction, random points. Works per example: (N, …).</summary>
/// <remarks>
/// For custom norms, too: Fgsm, Bim, Pgd, CwPgd, Apgd, AutoAttackRandomized and Noise accept any norm; other attacks list the norms that they support.
/// Instances are compared by reference and printed with the attack: keep one instance, and override <see cref="object.ToString"/>.
/// </remarks>
public abstract class Norm
{
    /// <summary>For custom norms, too.</summary>
    protected Norm() { }

    /// <summary>The number of changed elements.</summary>
    public static Norm L0 { get; } = new L0Norm();

    /// <summary>The sum of absolute changes.</summary>
    public static Norm L1 { get; } = new L1Norm();

    /// <summary>The Euclidean length.</summary>
    public static Norm L2 { get; } = new L2Norm();

    /// <summary>The largest absolute change.</summary>
    public static Norm Linf { get; } = new LinfNorm();

    /// <summary>The size of each perturbation: (N, …) → (N,), 0 or above, 0 for no change. Twice the perturbation has twice the size, except in L0.</summary>
    public abstract Tensor Size(Tensor perturbation);

    /// <summary>The nearest perturbation (in L2) of at most the given size: (N, …) → (N, …).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The radius is negative or not finite.</exception>
    public Tensor Project(Tensor perturbation, double radius) => ProjectCore(perturbation, Require.NotNegative(radius, nameof(radius)));

    /// <summary>
    /// The perturbation of size 1 along which a linear function with this gradient rises fastest: (N, …) → (N, …); 0 where the gradient is 0.
    /// </summary>
    public abstract Tensor SteepestDirection(Tensor gradient);

    /// <summary>A random point, uniform in the ball of the given radius: shape, dtype and device of <paramref name="like"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The radius is negative or not finite.</exception>
    public Tensor RandomPoint(Tensor like, double radius, RandomSource random) =>
        RandomPointCore(like, Require.NotNegative(radius, nameof(radius)), Require.NotNull(random, nameof(random)));

    /// <summary>One ascent step of the given size, (N, …) → (N, …); may leave the bounds. By default along <see cref="SteepestDirection"/>.</summary>
    /// <param name="x">The starting points, (N, …).</param>
    /// <param name="gradient">The gradient at these points, (N, …).</param>
    /// <param name="step">The size of the step.</param>
    /// <param name="bounds">The bounds of the model, for norms whose best step depends on them.</param>
    public virtual Tensor Ascend(Tensor x, Tensor gradient, double step, Bounds bounds)
    {
        using var scope = NewDisposeScope();
        return SteepestDirection(gradient).mul_(step).add_(x).MoveToOuterDisposeScope();
    }

    /// <summary>Checks the norm of a budget for attacks that step along gradients: any except L0.</summary>
    internal static Norm Budget(Norm norm, string name) => Require.NotNull(norm, name) == L0
        ? throw new ArgumentException($"{name} must be L1, L2 or Linf for this attack; it is L0. Use Jsma or CarliniWagner for L0.", name)
        : norm;

    /// <summary>Checks a norm for attacks that support only these three.</summary>
    internal static Norm L1L2OrLinf(Norm norm, string name) => Require.NotNull(norm, name) == L1 || norm == L2 || norm == Linf
        ? norm
        : throw new ArgumentException(
            $"{name} must be L1, L2 or Linf for this attack; it is {norm}.{(norm == L0 ? " Use Jsma or CarliniWagner for L0." : "")}", name);

    /// <summary>Checks a norm for attacks that support L0 and these three.</summary>
    internal static Norm Known(Norm norm, string name) => Require.NotNull(norm, name) == L0 || norm == L1 || norm == L2 || norm == Linf
        ? norm
        : throw new ArgumentException($"{name} must be L0, L1, L2 or Linf for this attack; it is {norm}.", name);

    /// <summary>Checks the norm of attacks that support one norm.</summary>
    internal static Norm Only(Norm only, Norm norm, string name) => Require.NotNull(norm, name) == only
        ? norm
        : throw new ArgumentException($"{name} must be {only} for this attack; it is {norm}.", name);

    /// <summary>Checks a norm for attacks that support only these two.</summary>
    internal static Norm L2OrLinf(Norm norm, string name) => norm == L2 || norm == Linf
        ? norm
        : throw new ArgumentException($"{name} must be L2 or Linf for this attack; it is {norm}.", name);

    /// <summary>As <see cref="Project"/>, for a checked radius.</summary>
    protected abstract Tensor ProjectCore(Tensor perturbation, double radius);

    /// <summary>As <see cref="RandomPoint"/>, for a checked radius. Draws only from <paramref name="random"/>.</summary>
    protected abstract Tensor RandomPointCore(Tensor like, double radius, RandomSource random);

    /// <summary>(N,) → (N, 1, …), to scale a batch of the given rank.</summary>
    internal static Tensor PerExample(Tensor values, Tensor like)
    {
        var shape = new long[like.dim()];
        Array.Fill(shape, 1);
        shape[0] = values.shape[0];
        return values.view(shape);
    }

    private protected static Tensor Flat(Tensor x) => x.flatten(1);
}
