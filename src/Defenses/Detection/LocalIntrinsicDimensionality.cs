using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>Estimates the local intrinsic dimensionality around an image, from distances to clean images in the layers of a network.
/// It is larger for attacked images.</summary>
/// <remarks>
/// For each layer the estimate −k / Σⱼ ln(rⱼ/rₖ), where r₁ ≤ … ≤ rₖ are the Euclidean distances of the features to the k nearest reference images. The
/// score is its mean over the layers; a <see cref="CombinedDetector"/> weights the layers, as in the paper. A random network runs without randomness.
/// Source: Ma et al. 2018, "Characterizing Adversarial Subspaces Using Local Intrinsic Dimensionality", and its code:
/// mini-batches of 100, k = 20, the features of all layers. Differs: the reference images are given once and must differ from the scored images;
/// the code drops the smallest distance instead. Known break: Athalye et al. 2018 (high confidence, margin loss).
/// </remarks>
public sealed class LocalIntrinsicDimensionality : Detector, IDisposable
{
    private readonly LayerFeatures _layers;
    private readonly Tensor[] _reference;

    /// <summary>Computes the features of the reference images and keeps them.</summary>
    /// <param name="model">A model that shows its network, in evaluation mode: a classifier, or a view of one. Not owned.</param>
    /// <param name="layers">Paths of modules, such as "relu1"; at least one. Each must run once in a pass, through call().</param>
    /// <param name="reference">Clean images, (M, …), M above k; the paper takes 100. None of them may be scored later.</param>
    /// <param name="neighbors">k, at least 2; by default 20.</param>
    /// <exception cref="ArgumentException">A layer is not there, or the images are invalid or too few.</exception>
    /// <exception cref="InvalidOperationException">The network is in training mode, or a layer does not run exactly once.</exception>
    public LocalIntrinsicDimensionality(ModelView model, IReadOnlyList<string> layers, Tensor reference, int neighbors = 20)
        : base(Require.NotNull(model, nameof(model)).Bounds)
    {
        Neighbors = Require.AtLeast(neighbors, 2, nameof(neighbors));
        Require.Images(reference, Bounds.Lower, Bounds.Upper, nameof(reference));
        if (reference.shape[0] <= neighbors)
            throw new ArgumentException($"reference must hold more than {neighbors} images, the number of neighbors; it holds {reference.shape[0]}.",
                nameof(reference));
        _layers = new LayerFeatures(model, layers);
        _reference = FeatureBank.Of(_layers, reference);
    }

    /// <summary>k.</summary>
    public int Neighbors { get; }

    /// <summary>Whether the model is a classifier: other views have gradients of losses only.</summary>
    public override bool IsDifferentiable => _layers.IsDifferentiable;

    /// <summary>Disposes the features of the reference images.</summary>
    public void Dispose()
    {
        foreach (var features in _reference) features.Dispose();
    }

    /// <summary>The estimates at each layer: (N, …) → (N, layers).</summary>
    /// <inheritdoc cref="Detector.Score"/>
    public Tensor Estimates(Tensor images) => ComputeCharacteristics(Require.Images(images, Bounds.Lower, Bounds.Upper, nameof(images)), null);

    /// <inheritdoc/>
    protected internal override Tensor ComputeScore(Tensor images, ulong? seed)
    {
        using var scope = NewDisposeScope();
        return ComputeCharacteristics(images, seed).mean([1]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected internal override Tensor ComputeCharacteristics(Tensor images, ulong? seed)
    {
        using var scope = NewDisposeScope();
        var (features, _) = _layers.Of(images);
        var estimates = features.Zip(_reference, (here, there) => Estimate(Distances.Squared(here, there)));
        return stack(estimates.ToArray(), 1).to_type(images.dtype).MoveToOuterDisposeScope();
    }

    // ln(r/rₖ) = (ln r² − ln rₖ²)/2; if all neighbors have the same distance the estimate is infinite; it is cut off at 2k·10⁶.
    private Tensor Estimate(Tensor squared)
    {
        var nearest = squared.topk(Neighbors, 1, largest: false, sorted: true).values.log();
        var slopes = (nearest - nearest.narrow(1, Neighbors - 1, 1)).sum(1) / 2;
        return -Neighbors / slopes.clamp_max(-1e-6 / 2);
    }
}
