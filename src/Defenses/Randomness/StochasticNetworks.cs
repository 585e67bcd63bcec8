using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Randomness;

/// <summary>Finds and controls all stochastic layers of a network at once.</summary>
public static class StochasticNetworks
{
    /// <summary>Every stochastic layer of the network with its path, in module order; the network itself, if it is one, as "".</summary>
    public static IReadOnlyList<(string Path, StochasticLayer Layer)> StochasticLayers(this nn.Module network)
    {
        Require.NotNull(network, nameof(network));
        var found = new List<(string, StochasticLayer)>();
        if (network is StochasticLayer self) found.Add(("", self));
        foreach (var (path, module) in network.named_modules())
            if (module is StochasticLayer layer && !found.Exists(other => ReferenceEquals(other.Item2, layer))) found.Add((path, layer));
        return found;
    }

    /// <summary>Whether a pass through the network draws fresh numbers.</summary>
    public static bool IsRandom(this nn.Module network) =>
        network.StochasticLayers().Any(found => found.Layer.IsActive && found.Layer.FixedDraw is null);

    /// <summary>Seeds every layer's stream by hash(seed, path).</summary>
    public static void Reseed(this nn.Module network, ulong seed)
    {
        foreach (var (path, layer) in network.StochasticLayers()) layer.Reseed(Seeds.Combine(seed, path));
    }

    /// <summary>Makes the network the deterministic one numbered <paramref name="draw"/> until the result is disposed.</summary>
    public static IDisposable FixDraw(this nn.Module network, long draw) =>
        Change(network, layer => layer.FixedDraw, (layer, value) => layer.FixedDraw = value, (_, _) => draw);

    /// <summary>Makes every layer compute its deterministic form until the result is disposed.</summary>
    public static IDisposable DisableRandomness(this nn.Module network) =>
        Change(network, layer => layer.IsDisabled, (layer, value) => layer.IsDisabled = value, (_, _) => true);

    /// <summary>Gives every layer a separate stream, hash(seed, path) or unpredictable, until the result is disposed.</summary>
    /// <remarks>Attacks and judges use this to draw from separate streams; the network's own streams do not advance meanwhile.</remarks>
    internal static IDisposable LendStreams(this nn.Module network, ulong? seed)
    {
        var lent = network.StochasticLayers().Select(found =>
            (found.Layer, Before: found.Layer.Lend(new RandomSource(seed is { } s ? Seeds.Combine(s, found.Path) : null)))).ToArray();
        return new Undo(() =>
        {
            foreach (var (layer, before) in lent) layer.Lend(before)?.Dispose();
        });
    }

    /// <summary>Whether any module has a surrogate for its backward pass.</summary>
    internal static bool HasSurrogates(this nn.Module network) =>
        network.modules().Prepend(network).OfType<ISurrogateGradient>().Any(module => module is not StochasticLayer { HasSurrogate: false });

    /// <summary>A seed from the stream of the first layer that draws, for numbers that must be drawn repeatedly.</summary>
    internal static ulong DrawSeed(this nn.Module network) =>
        (ulong)network.StochasticLayers().First(found => found.Layer.IsActive && found.Layer.FixedDraw is null).Layer.Stream.Index(long.MaxValue);

    /// <summary>Differentiates the surrogates of all modules that have one until the result is disposed.</summary>
    internal static IDisposable UseSurrogates(this nn.Module network)
    {
        var modules = network.modules().Prepend(network).OfType<ISurrogateGradient>().Distinct().Select(module => (module, Old: module.UseSurrogate)).ToArray();
        foreach (var (module, _) in modules) module.UseSurrogate = true;
        return new Undo(() =>
        {
            foreach (var (module, old) in modules) module.UseSurrogate = old;
        });
    }

    private static Undo Change<T>(
        nn.Module network, Func<StochasticLayer, T> get, Action<StochasticLayer, T> set, Func<string, StochasticLayer, T> value)
    {
        var layers = network.StochasticLayers().Select(found => (found.Path, found.Layer, Old: get(found.Layer))).ToArray();
        foreach (var (path, layer, _) in layers) set(layer, value(path, layer));
        return new Undo(() =>
        {
            foreach (var (_, layer, old) in layers) set(layer, old);
        });
    }
}
