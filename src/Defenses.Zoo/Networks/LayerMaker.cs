using Defenses.Layers;
using Defenses.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>Makes the layers of one network and fills their weights from one seed, in the order they are made.</summary>
internal sealed class LayerMaker(ulong seed, Initialization fill) : IDisposable
{
    private readonly GlobalGenerator _generator = new();
    private readonly RandomSource _random = new(seed);
    private ulong _dropouts;

    public Conv2d Conv(long from, long to, long kernel, long stride = 1, long padding = 0, long groups = 1, bool bias = true)
    {
        using var scope = NewDisposeScope();   // TorchSharp 0.107's constructor leaves a tensor behind, which dies here; the weights live on
        var layer = nn.Conv2d(from, to, kernel, stride, padding, groups: groups, bias: bias);
        using var frozen = no_grad();
        fill(layer.weight, layer.bias, _random);
        return layer;
    }

    public Linear Linear(long from, long to, Initialization? ownFill = null)
    {
        var layer = nn.Linear(from, to);
        using var frozen = no_grad();
        (ownFill ?? fill)(layer.weight, layer.bias, _random);
        return layer;
    }

    /// <summary>A batch norm; torch's momentum is the weight of the new batch. Its factors are 1, or uniform within ±<paramref name="spread"/>.</summary>
    public BatchNorm2d Norm(long channels, double momentum = 0.1, double? spread = null)
    {
        var layer = nn.BatchNorm2d(channels, momentum: momentum);
        using var frozen = no_grad();
        if (spread is { } bound) Initialisations.Uniform(layer.weight, bound, _random);
        return layer;
    }

    /// <summary>A dropout rate, checked before any layer is made.</summary>
    public static double Rate(double dropout) => dropout is >= 0 and < 1
        ? dropout
        : throw new ArgumentOutOfRangeException(nameof(dropout), dropout, "dropout must lie in [0, 1): it is the part of the units left out.");

    /// <summary>Dropout that acts while training only; its stream follows from the network's seed.</summary>
    public DefensiveDropout Dropout(double rate)
    {
        var layer = new DefensiveDropout(rate) { ActiveIn = Phases.Training };
        layer.Reseed(SplitMix.For(seed, 1, _dropouts++).Next());
        return layer;
    }

    public void Dispose()
    {
        _generator.Dispose();
        _random.Dispose();
    }
}
