using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>The distance of an image from the training images of its predicted class, in the last hidden layer:
/// −ln of a Gaussian kernel density.</summary>
/// <remarks>
/// With the features f of an image, D of them, and those of the n training images with the predicted class as label:
/// −ln((1/n) Σᵢ N(f; fᵢ, h²·1)). A random network runs without randomness. Source: Feinman et al. 2017, "Detecting Adversarial Samples from Artifacts":
/// bandwidth h = 1.2 on MNIST, 0.26 on CIFAR-10, 1.0 on SVHN, combined with the uncertainty under dropout (<see cref="SamplingStatistic.ClassVariance"/>) by a
/// logistic regression (<see cref="CombinedDetector"/>). Known break: Carlini and Wagner 2017 put the density into the loss.
/// </remarks>
public sealed class KernelDensity : Detector, IDisposable
{
    private readonly LayerFeatures _layer;
    private readonly Tensor[] _classes;   // for each class the features of its training images, (n, D)

    /// <summary>Computes the features of the training images and keeps them.</summary>
    /// <param name="model">A model that shows its network, in evaluation mode: a classifier, or a view of one. Not owned.</param>
    /// <param name="layer">The path of a module, such as "relu3"; the last hidden activation. It must run once in a pass, through call().</param>
    /// <param name="images">Training images, (M, …).</param>
    /// <param name="labels">Their labels, (M,) int64; each class at least once.</param>
    /// <param name="bandwidth">h, in the units of the features, above 0.</param>
    /// <exception cref="ArgumentException">The layer is not there, images or labels are bad, or a class is missing.</exception>
    /// <exception cref="InvalidOperationException">The network is in training mode, or the layer does not run exactly once.</exception>
    public KernelDensity(ModelView model, string layer, Tensor images, Tensor labels, double bandwidth)
        : base(Require.NotNull(model, nameof(model)).Bounds)
    {
        Bandwidth = Require.Positive(bandwidth, nameof(bandwidth));
        Require.Images(images, Bounds.Lower, Bounds.Upper, nameof(images));
        Require.NotNull(layer, nameof(layer));
        _layer = new LayerFeatures(model, [layer]);
        using var scope = NewDisposeScope();
        var features = FeatureBank.Of(_layer, images)[0];
        scope.Attach(features);
        Require.Labels(labels, images.shape[0], model.Classes, nameof(labels));
        _classes = [.. Enumerable.Range(0, (int)model.Classes).Select(label => Of(features, labels, label))];
        foreach (var rows in _classes) rows.DetachFromDisposeScope();
    }

    /// <summary>h.</summary>
    public double Bandwidth { get; }

    /// <summary>Whether the model is a classifier: other views have gradients of losses only.</summary>
    public override bool IsDifferentiable => _layer.IsDifferentiable;

    /// <summary>Disposes the features of the training images.</summary>
    public void Dispose()
    {
        foreach (var rows in _classes) rows.Dispose();
    }

    /// <inheritdoc/>
    protected internal override Tensor ComputeScore(Tensor images, ulong? seed)
    {
        using var scope = NewDisposeScope();
        var (features, logits) = _layer.Of(images);
        var predicted = logits.detach().argmax(1);
        var order = predicted.argsort();   // one class after another
        var counts = predicted.bincount(null, _classes.Length).cpu().data<long>().ToArray();
        var (sorted, start) = (features[0].index_select(0, order), 0L);
        var scores = new List<Tensor>();
        for (var label = 0; label < counts.Length; start += counts[label++])
            if (counts[label] > 0) scores.Add(NegativeLogDensity(sorted.narrow(0, start, counts[label]), _classes[label]));
        return cat(scores).index_select(0, order.argsort()).to_type(images.dtype).MoveToOuterDisposeScope();
    }

    private Tensor NegativeLogDensity(Tensor features, Tensor reference)
    {
        var exponents = Distances.Squared(features, reference) / (-2 * Bandwidth * Bandwidth);
        var constant = Math.Log(reference.shape[0]) + features.shape[1] * Math.Log(Bandwidth * Math.Sqrt(2 * Math.PI));
        return constant - exponents.logsumexp(1);
    }

    private static Tensor Of(Tensor features, Tensor labels, int label)
    {
        var rows = labels.eq(label).nonzero().squeeze(1);
        return rows.shape[0] > 0 ? features.index_select(0, rows.to(features.device)) : throw new ArgumentException(
            $"labels must hold every class at least once; class {label} is missing.", nameof(labels));
    }
}
