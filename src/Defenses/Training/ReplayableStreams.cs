using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>Lends all stochastic layers of a network streams that begin anew, hash(seed, path), as often as asked.</summary>
internal sealed class ReplayableStreams(nn.Module network) : IDisposable
{
    private readonly (string Path, StochasticLayer Layer, RandomSource? Before)[] _layers =
        [.. network.StochasticLayers().Select(found => (found.Path, found.Layer, found.Layer.Lend(null)))];

    internal void Restart(ulong seed)
    {
        foreach (var (path, layer, _) in _layers) layer.Lend(new RandomSource(Seeds.Combine(seed, path)))?.Dispose();
    }

    /// <summary>Gives the layers the streams they had.</summary>
    public void Dispose()
    {
        foreach (var (_, layer, before) in _layers) layer.Lend(before)?.Dispose();
    }
}
