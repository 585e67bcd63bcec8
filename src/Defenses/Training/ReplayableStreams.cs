using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>Gives all stochastic layers of a network separate streams that can be restarted from a seed: hash(seed, path).</summary>
internal sealed class ReplayableStreams(nn.Module network) : IDisposable
{
    private readonly (string Path, StochasticLayer Layer, RandomSource? Before)[] _layers =
        [.. network.StochasticLayers().Select(found => (found.Path, found.Layer, found.Layer.Lend(null)))];

    internal void Restart(ulong seed)
    {
        foreach (var (path, layer, _) in _layers) layer.Lend(new RandomSource(Seeds.Combine(seed, path)))?.Dispose();
    }

    /// <summary>Restores the layers' own streams.</summary>
    public void Dispose()
    {
        foreach (var (_, layer, before) in _layers) layer.Lend(before)?.Dispose();
    }
}
