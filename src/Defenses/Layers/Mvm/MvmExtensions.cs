using Defenses.Randomness;
using TorchSharp;

namespace Defenses.Layers;

/// <summary>Controls all <see cref="MvmSampling"/> layers of a network at once.</summary>
public static class MvmExtensions
{
    /// <summary>
    /// Until the result is disposed: the next pass through the network is unsampled and its probabilities are stored; every later pass
    /// samples with the stored probabilities (the first two steps of the paper's detection algorithm).
    /// </summary>
    /// <param name="network">A network with at least one <see cref="MvmSampling"/> layer.</param>
    /// <exception cref="InvalidOperationException">The network has no such layer, or one holds probabilities already.</exception>
    public static IDisposable HoldProbabilities(this torch.nn.Module network)
    {
        var layers = network.StochasticLayers().Select(found => found.Layer).OfType<MvmSampling>().ToList();
        if (layers.Count == 0)
            throw new InvalidOperationException("The network has no MvmSampling layer. Insert one, or call StochasticLayers() to list its layers.");
        var held = new Stack<IDisposable>();
        var release = new Undo(() =>
        {
            while (held.TryPop(out var one)) one.Dispose();
        });
        try
        {
            foreach (var layer in layers) held.Push(layer.HoldProbabilities());
            return release;
        }
        catch
        {
            release.Dispose();
            throw;
        }
    }
}
