using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>How the kernels and biases of a network are first filled; batch norms keep torch's ones and zeros unless said otherwise.</summary>
internal delegate void Initialization(Tensor kernel, Tensor? bias, RandomSource random);

/// <summary>The initialisations of the papers' code. In-place, from the given source alone.</summary>
internal static class Initialisations
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
        var draw = random.Normal(kernel);
        var flat = draw.view(-1);
        for (var at = flat.abs().gt(2).nonzero().view(-1); at.shape[0] > 0;)
        {
            var again = random.Normal(flat.narrow(0, 0, at.shape[0]));
            flat.index_copy_(0, at, again);
            at = at.masked_select(again.abs().gt(2));
        }

        kernel.copy_(draw.mul_(Math.Sqrt(2.0 / Fans(kernel).In) / SpreadOfCut));
        bias?.fill_(0);
    }

    /// <summary>Uniform within ±<paramref name="bound"/>.</summary>
    public static void Uniform(Tensor target, double bound, RandomSource random)
    {
        using var draw = random.Uniform(target);
        target.copy_(draw.mul_(2 * bound).sub_(bound));
    }

    // Linear (out, in); convolution (out, in / groups, height, width).
    private static (double In, double Out) Fans(Tensor kernel)
    {
        var shape = kernel.shape;
        var area = shape[2..].Aggregate(1L, (product, length) => product * length);
        return (shape[1] * area, shape[0] * area);
    }
}
