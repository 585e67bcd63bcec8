using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>The features of many reference images, gathered in parts.</summary>
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
