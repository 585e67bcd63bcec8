using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>The outputs of named layers of a classifier's network, without randomness: one row for each image and layer.</summary>
internal sealed class LayerFeatures
{
    private readonly ModelView _model;
    private readonly IReadOnlyList<nn.Module> _networks;
    private readonly (string Path, nn.Module<Tensor, Tensor> Module)[] _layers;

    /// <exception cref="ArgumentException">There are no names, or one does not name a layer from one tensor to one tensor.</exception>
    internal LayerFeatures(ModelView model, IReadOnlyList<string> layers)
    {
        (_model, _networks) = (model, ModelReading.Networks(model));
        if (_networks.Count == 0)
            throw new ArgumentException($"model must show the layers of its network; a {model.GetType().Name} shows none. Give a Classifier of the " +
                "network, or use a detector that reads answers only: DivergenceDetector, SamplingDetector.", nameof(model));
        _layers = [.. Require.NotEmpty(layers, nameof(layers)).Select(path => (path, Find(_networks, path)))];
        if (layers.Distinct().Count() < layers.Count) throw new ArgumentException("layers must name each layer once.", nameof(layers));
    }

    /// <summary>Whether the features are connected to the images.</summary>
    internal bool IsDifferentiable => _model is Classifier;

    /// <summary>The features, (N, D) for each layer, in float64, and the logits of the same pass. With a graph if gradients are enabled.</summary>
    /// <exception cref="InvalidOperationException">The network is in training mode, or a layer did not run exactly once.</exception>
    internal (IReadOnlyList<Tensor> Features, Tensor Logits) Of(Tensor images)
    {
        _model.RequireEvaluation();
        var scope = NewDisposeScope();
        using (scope)
        {
            var seen = _layers.Select(_ => new List<Tensor>()).ToArray();
            var logits = Run(images, scope, seen);
            for (var i = 0; i < seen.Length; i++)
            {
                if (seen[i].Count != 1) throw DidNotRunOnce(_layers[i], seen[i].Count);
                if (seen[i][0].shape[0] != images.shape[0])
                    throw new InvalidOperationException($"Layer '{_layers[i].Path}' must give one row for each image, {images.shape[0]}; it gave " +
                        $"{Require.Shape(seen[i][0])}. Give the classifier itself, not a view of many draws, and keep the batch as it is before the layer.");
            }
            Tensor[] features = [.. seen.Select(outputs => outputs[0].flatten(1).to_type(ScalarType.Float64).MoveToOuterDisposeScope())];
            return (features, logits.MoveToOuterDisposeScope());
        }
    }

    // Outputs are copied: a later layer may work in place, and a Sequential disposes intermediate tensors.
    private Tensor Run(Tensor images, DisposeScope scope, List<Tensor>[] seen)
    {
        Action remove = () => { };
        try
        {
            for (var i = 0; i < _layers.Length; i++)
            {
                var mine = seen[i];
                remove += _layers[i].Module.register_forward_hook((_, _, output) =>
                {
                    mine.Add(output.clone().MoveToOtherDisposeScope(scope));
                    return output;
                }).remove;
            }
            foreach (var network in _networks) remove += network.DisableRandomness().Dispose;
            return ModelReading.Logits(_model, images, 1).squeeze(0);
        }
        finally { remove(); }
    }

    private static nn.Module<Tensor, Tensor> Find(IReadOnlyList<nn.Module> networks, string path)
    {
        var modules = networks.SelectMany(network => network.named_modules()).ToArray();
        var compiled = networks.SelectMany(network => network.modules().Prepend(network)).Any(part => part is ICompiledNetwork)
            ? " The layers inside TorchScript are compiled, and cannot be read." : "";
        var module = modules.FirstOrDefault(found => found.name == path).module ?? throw new ArgumentException(
            $"layers must name modules of the network; it has no '{path}'. It has: {string.Join(", ", modules.Select(found => found.name))}.{compiled}",
            "layers");
        return module as nn.Module<Tensor, Tensor> ?? throw new ArgumentException(
            $"layers must name modules that take and give one tensor; '{path}' is a {module.GetType().Name}.", "layers");
    }

    private static InvalidOperationException DidNotRunOnce((string Path, nn.Module<Tensor, Tensor> Module) layer, int count) => new(count == 0
        ? $"Layer '{layer.Path}' ({layer.Module.GetType().Name}) did not run in a pass, as far as its hook can see. " +
          "Hooks run only through call(): where the network " +
          "writes layer.forward(x), write layer.call(x), and name a layer that runs in evaluation mode."
        : $"Layer '{layer.Path}' ({layer.Module.GetType().Name}) ran {count} times in one pass, so that it has no single output. Name a layer that runs once.");
}

/// <summary>Computes the features of many reference images in parts.</summary>
internal static class FeatureBank
{
    private const long ImagesPerPass = 100;

    /// <summary>For each layer (N, D) in float64, without a graph; the caller disposes them.</summary>
    internal static Tensor[] Of(LayerFeatures layers, Tensor images)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var parts = new List<IReadOnlyList<Tensor>>();
        for (long start = 0; start < images.shape[0]; start += ImagesPerPass)
            parts.Add(layers.Of(images.narrow(0, start, Math.Min(ImagesPerPass, images.shape[0] - start))).Features);
        return [.. Enumerable.Range(0, parts[0].Count).Select(layer => cat(parts.Select(part => part[layer]).ToArray()).DetachFromDisposeScope())];
    }
}

/// <summary>Distances between rows of float64 features.</summary>
internal static class Distances
{
    private const double Smallest = 1e-30;   // squared; keeps the root differentiable if two rows are equal

    /// <summary>Squared Euclidean distances: (N, D), (M, D) → (N, M).</summary>
    internal static Tensor Squared(Tensor from, Tensor to)
    {
        using var scope = NewDisposeScope();
        var squares = from.square().sum(1, keepdim: true) + to.square().sum(1).unsqueeze(0);
        return (squares - 2 * from.matmul(to.t())).clamp_min(Smallest).MoveToOuterDisposeScope();
    }
}
