using Defenses.Layers;
using Defenses.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>Creates the layers of one network and initializes their weights from one seed, in the order of creation.</summary>
internal sealed class LayerMaker(ulong seed, Initialization fill) : IDisposable
{
    private readonly GlobalGenerator _generator = new();
    private readonly RandomSource _random = new(seed);
    private ulong _dropouts;

    public Conv2d Conv(long from, long to, long kernel, long stride = 1, long padding = 0, long groups = 1, bool bias = true)
    {
        using var scope = NewDisposeScope();   // TorchSharp 0.107's constructor leaves a tensor behind, which is freed here; the weights stay
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
        if (spread is { } bound) Initializations.Uniform(layer.weight, bound, _random);
        return layer;
    }

    /// <summary>A dropout rate, checked before any layer is made.</summary>
    public static double CheckedRate(double dropout) => dropout is >= 0 and < 1
        ? dropout
        : throw new ArgumentOutOfRangeException(nameof(dropout), dropout, "dropout must lie in [0, 1): it is the share of dropped units.");

    /// <summary>Dropout that is active only in training; its stream is derived from the network's seed.</summary>
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

/// <summary>Initializes the kernel and bias of a layer; batch norms keep torch's ones and zeros unless stated otherwise.</summary>
internal delegate void Initialization(Tensor kernel, Tensor? bias, RandomSource random);

/// <summary>The initializations of the papers' code: in place, with random numbers only from the given source.</summary>
internal static class Initializations
{
    /// <summary>Keras' default: Glorot and Bengio 2010, uniform within ±√(6 / (fan in + fan out)); zero biases.</summary>
    public static void Keras(Tensor kernel, Tensor? bias, RandomSource random)
    {
        var (fanIn, fanOut) = Fans(kernel);
        Uniform(kernel, Math.Sqrt(6.0 / (fanIn + fanOut)), random);
        bias?.fill_(0);
    }

    /// <summary>PyTorch's default: kernels and biases uniform within ±1 / √(fan in).</summary>
    public static void Torch(Tensor kernel, Tensor? bias, RandomSource random)
    {
        var bound = 1 / Math.Sqrt(Fans(kernel).In);
        Uniform(kernel, bound, random);
        if (bias is not null) Uniform(bias, bound, random);
    }

    /// <summary>Convolutions of the JumpReLU code's wide residual network: Glorot uniform, √2 times as wide; zero biases.</summary>
    public static void WideGlorot(Tensor kernel, Tensor? bias, RandomSource random)
    {
        var (fanIn, fanOut) = Fans(kernel);
        Uniform(kernel, Math.Sqrt(12.0 / (fanIn + fanOut)), random);
        bias?.fill_(0);
    }

    /// <summary>Keras' he_normal: He et al. 2015, a normal cut at two standard deviations, variance 2 / fan in after the cut; zero biases.</summary>
    public static void HeNormal(Tensor kernel, Tensor? bias, RandomSource random)
    {
        const double SpreadOfCut = 0.87962566103423978;           // standard deviation of a standard normal cut at ±2
        using var scope = NewDisposeScope();
        var normal = random.Normal(kernel);
        var flat = normal.view(-1);
        for (var at = flat.abs().gt(2).nonzero().view(-1); at.shape[0] > 0;)
        {
            var again = random.Normal(flat.narrow(0, 0, at.shape[0]));
            flat.index_copy_(0, at, again);
            at = at.masked_select(again.abs().gt(2));
        }

        kernel.copy_(normal.mul_(Math.Sqrt(2.0 / Fans(kernel).In) / SpreadOfCut));
        bias?.fill_(0);
    }

    /// <summary>Uniform within ±<paramref name="bound"/>.</summary>
    public static void Uniform(Tensor target, double bound, RandomSource random)
    {
        using var uniform = random.Uniform(target);
        target.copy_(uniform.mul_(2 * bound).sub_(bound));
    }

    // Linear (out, in); convolution (out, in / groups, height, width).
    private static (double In, double Out) Fans(Tensor kernel)
    {
        var shape = kernel.shape;
        var area = shape[2..].Aggregate(1L, (product, length) => product * length);
        return (shape[1] * area, shape[0] * area);
    }
}
