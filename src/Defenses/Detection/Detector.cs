using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>Separates attacked from clean inputs by a score. It fires if the score is above a threshold that is chosen on clean data.</summary>
/// <remarks>
/// Test a detector with attacks that know it: such an attack can keep the score low while it causes a misclassification
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
    /// Restarts the draws of a random detector at each <see cref="Score"/>, so that the same batch gets the same scores; by default
    /// (null) draws continue the model's own streams. Set no seed for attacks against fresh draws.
    /// </summary>
    public ulong? Seed { get; init; }

    /// <summary>Whether scores are connected to the images, so that their gradient can be computed.</summary>
    public abstract bool IsDifferentiable { get; }

    /// <summary>The score of each image: a higher score is more suspicious.</summary>
    /// <param name="images">(N, …), floating point, within the <see cref="Bounds"/>; pixels beyond them by rounding are clipped.</param>
    /// <returns>(N,), on the images' device.</returns>
    /// <exception cref="ArgumentException">The images have a wrong shape, dtype or range.</exception>
    /// <exception cref="InvalidOperationException">A network is in training mode, or does not meet the detector's requirements.</exception>
    public Tensor Score(Tensor images)
    {
        Require.Images(images, Bounds.Lower, Bounds.Upper, nameof(images));
        using var gradients = IsDifferentiable ? null : no_grad();
        using var clipped = Bounds.Clip(images);
        return ComputeScore(clipped, Seed);
    }

    /// <summary>The scores of many images as numbers, computed in blocks of 20 by position. Block b draws from the stream hash(seed, b).</summary>
    /// <param name="images">As for <see cref="Score"/>.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <inheritdoc cref="Score"/>
    public IReadOnlyList<double> Measure(Tensor images, CancellationToken cancellation = default)
    {
        Require.Images(images, Bounds.Lower, Bounds.Upper, nameof(images));
        using var clipped = Bounds.Clip(images);
        using var scores = SeededBlocks.Run(clipped, Seed, ComputeScore, cancellation);
        return scores.data<double>().ToArray();
    }

    /// <summary>The threshold with which the detector fires on at most the given share of these clean images.</summary>
    /// <param name="clean">As for <see cref="Score"/>; not used to measure a rate later.</param>
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
    /// <param name="seed">Restarts the draws; null: draws continue the model's own streams.</param>
    protected internal abstract Tensor ComputeScore(Tensor images, ulong? seed);

    /// <summary>The numbers from which the score is computed, (N, …) → (N, K), for use in a
    /// <see cref="CombinedDetector"/>; by default the score alone.</summary>
    /// <inheritdoc cref="ComputeScore"/>
    protected internal virtual Tensor ComputeCharacteristics(Tensor images, ulong? seed)
    {
        using var scope = NewDisposeScope();
        return ComputeScore(images, seed).unsqueeze(1).MoveToOuterDisposeScope();
    }
}
