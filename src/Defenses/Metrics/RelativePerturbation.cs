using Defenses.Attacks;
using Defenses.Statistics;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Metrics;

/// <summary>The size of a perturbation relative to the size of its image, ρ = ‖x′ − x‖ / ‖x‖, averaged over examples.</summary>
/// <remarks>
/// Source: Moosavi-Dezfooli et al. 2016 (DeepFool), section 4; Erichson et al. 2019 (JumpReLU), whose code averages over all images, with
/// zero for images that were wrong before, and on normalized tensors, where ρ depends on the normalization. Both means are reported here: over fooled
/// images and over all images; in pixels, or in the units of <c>preprocessing</c>. Intervals are Student's.
/// </remarks>
public static class RelativePerturbation
{
    /// <summary>ρ of a batch.</summary>
    /// <param name="original">The images x, (N, …), floating point; none has size 0 in the norm.</param>
    /// <param name="adversarial">The perturbed images x′, of the same shape.</param>
    /// <param name="fooled">Which images count as fooled, (N,) bool, such as <see cref="AttackResult.Met"/> or the majority of a judge's draws.</param>
    /// <param name="norm">The norm of numerator and denominator; by default L2.</param>
    /// <param name="preprocessing">Converts both to other units first, such as <see cref="Models.Preprocessing.Normalize"/>; by
    /// default (null) there is no conversion.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentException">A shape or dtype is wrong, a value is not finite, or an image has size 0.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is out of its range.</exception>
    public static RelativePerturbationResult Measure(
        Tensor original, Tensor adversarial, Tensor fooled, Norm? norm = null, Func<Tensor, Tensor>? preprocessing = null, double confidence = 0.95)
    {
        Check(original, adversarial);
        if (Require.NotNull(fooled, nameof(fooled)).dim() != 1 || fooled.shape[0] != original.shape[0] || fooled.dtype != ScalarType.Bool)
            throw new ArgumentException($"fooled must be bool of shape ({original.shape[0]},); it is {fooled.dtype} of shape {Require.Shape(fooled)}.",
                nameof(fooled));
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var sizes = Sizes(original, adversarial, norm ?? Norm.L2, preprocessing);
        var hits = fooled.cpu().data<bool>().ToArray();
        double[] some = [.. sizes.Where((_, example) => hits[example])];
        return new RelativePerturbationResult(
            SampleMean.StudentT(sizes, confidence), some.Length > 0 ? SampleMean.StudentT(some, confidence) : null, sizes.Length, some.Length);
    }

    /// <summary>ρ of each image of a batch, in their order; two batches of the same images can be compared by it one by one.</summary>
    /// <param name="original">The images x, (N, …), floating point; none has size 0 in the norm.</param>
    /// <param name="adversarial">The perturbed images x′, of the same shape.</param>
    /// <param name="norm">The norm of numerator and denominator; by default L2.</param>
    /// <param name="preprocessing">Converts both to other units first; by default (null) there is no conversion.</param>
    /// <returns>N numbers, at least 0.</returns>
    /// <exception cref="ArgumentException">A shape or dtype is wrong, a value is not finite, or an image has size 0.</exception>
    public static IReadOnlyList<double> Each(Tensor original, Tensor adversarial, Norm? norm = null, Func<Tensor, Tensor>? preprocessing = null)
    {
        Check(original, adversarial);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return Sizes(original, adversarial, norm ?? Norm.L2, preprocessing);
    }

    private static double[] Sizes(Tensor original, Tensor adversarial, Norm norm, Func<Tensor, Tensor>? preprocessing)
    {
        var (x, y) = preprocessing is null ? (original, adversarial) : (preprocessing(original), preprocessing(adversarial));
        var below = norm.Size(x).to_type(ScalarType.Float64).cpu();
        if (below.eq(0).any().ToBoolean())
            throw new ArgumentException($"original must hold no image of size 0 in {norm}: ρ divides by the size of the image. Leave such images out.",
                nameof(original));
        return [.. (norm.Size(y - x).to_type(ScalarType.Float64).cpu() / below).data<double>()];
    }

    private static void Check(Tensor original, Tensor adversarial)
    {
        RequireFinite(Require.Batch(original, nameof(original)), nameof(original));
        RequireFinite(Require.Batch(adversarial, nameof(adversarial)), nameof(adversarial));
        if (!adversarial.shape.SequenceEqual(original.shape))
            throw new ArgumentException($"adversarial must have the shape of original, {Require.Shape(original)}; it has {Require.Shape(adversarial)}.",
                nameof(adversarial));
    }

    private static void RequireFinite(Tensor x, string name)
    {
        using var scope = NewDisposeScope();
        if (!x.isfinite().all().ToBoolean()) throw new ArgumentException($"{name} must hold finite numbers; it holds NaN or infinity.", name);
    }
}

/// <summary>The relative size of perturbations: ρ = mean ‖x′ − x‖ / ‖x‖.</summary>
/// <param name="All">The mean over all examples; a failed attack counts with its remaining perturbation (0 for an example that was wrong before).</param>
/// <param name="Fooled">The mean over the fooled examples only; null if there are none.</param>
/// <param name="Count">The number of examples.</param>
/// <param name="FooledCount">The number of fooled examples.</param>
public sealed record RelativePerturbationResult(Estimate All, Estimate? Fooled, long Count, long FooledCount);
