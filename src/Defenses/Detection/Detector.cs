using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>Tells attacked inputs from clean ones by a score. It fires where the score lies above a threshold, which is chosen on clean data.</summary>
/// <remarks>
/// A detector that an attack did not know of has not been tested: an attack that knows the score can hold it down while it misclassifies
/// (Carlini and Wagner 2017, "Adversarial Examples Are Not Easily Detected"). Detectors are therefore <see cref="IDetectorScore"/>s, which attacks accept.
/// </remarks>
public abstract class Detector : IDetectorScore
{
    /// <summary>A detector for images in the given range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bounds are not finite and ascending.</exception>
    protected Detector(Bounds bounds) => Bounds = bounds.Checked(nameof(bounds));

    /// <summary>The valid range of the images.</summary>
    public Bounds Bounds { get; }

    /// <summary>
    /// Starts the draws of a random detector anew at each <see cref="Score"/>, so that the same batch gets the same scores; by default
    /// (null) draws go on in the model's own streams. An attacker who faces fresh draws must not be given a seed.
    /// </summary>
    public ulong? Seed { get; init; }

    /// <summary>Whether scores are connected to the images, so that their gradient can be taken.</summary>
    public abstract bool IsDifferentiable { get; }

    /// <summary>The score of each image: the higher, the more suspicious.</summary>
    /// <param name="images">(N, …), floating point, within the <see cref="Bounds"/>.</param>
    /// <returns>(N,), on the images' device.</returns>
    /// <exception cref="ArgumentException">The images have a wrong shape, dtype or range.</exception>
    /// <exception cref="InvalidOperationException">A network is in training mode, or does not do what the detector needs.</exception>
    public Tensor Score(Tensor images)
    {
        Require.Images(images, Bounds.Lower, Bounds.Upper, nameof(images));
        using var gradients = IsDifferentiable ? null : no_grad();
        return ComputeScore(images, Seed);
    }

    /// <summary>The scores of many images as numbers, computed in blocks of 20 by their place. Block b draws from the stream hash(seed, b).</summary>
    /// <param name="images">As for <see cref="Score"/>.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <inheritdoc cref="Score"/>
    public IReadOnlyList<double> Measure(Tensor images, CancellationToken cancellation = default)
    {
        Require.Images(images, Bounds.Lower, Bounds.Upper, nameof(images));
        using var scores = SeededBlocks.Run(images, Seed, ComputeScore, cancellation);
        return scores.data<double>().ToArray();
    }

    /// <summary>The threshold with which the detector fires on at most the given share of these clean images.</summary>
    /// <param name="clean">As for <see cref="Score"/>; none that a rate is measured on later.</param>
    /// <param name="falsePositiveRate">The share, in [0, 1). With N images it should be well above 1/N.</param>
    /// <inheritdoc cref="Score"/>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of its range.</exception>
    public double ThresholdFor(Tensor clean, double falsePositiveRate)
    {
        Require.Images(clean, Bounds.Lower, Bounds.Upper, nameof(clean));
        Require.Below(falsePositiveRate, 0, 1, nameof(falsePositiveRate));
        return RocCurve.Threshold(Measure(clean), falsePositiveRate);
    }

    /// <summary>The scores of checked images: (N, …) → (N,).</summary>
    /// <param name="images">Within the bounds, at least one.</param>
    /// <param name="seed">Starts the draws anew; null: draws go on in the model's own streams.</param>
    protected internal abstract Tensor ComputeScore(Tensor images, ulong? seed);

    /// <summary>The numbers that the score is made of, (N, …) → (N, K), which another detector may weigh; by default the score alone.</summary>
    /// <inheritdoc cref="ComputeScore"/>
    protected internal virtual Tensor ComputeCharacteristics(Tensor images, ulong? seed)
    {
        using var scope = NewDisposeScope();
        return ComputeScore(images, seed).unsqueeze(1).MoveToOuterDisposeScope();
    }
}
