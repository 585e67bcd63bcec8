using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>The auto-encoders of the MagNet paper, freshly initialized (Keras'): images in [0, 1], (N, C, H, W) → the same shape, in (0, 1).</summary>
/// <remarks>
/// A <c>Sequential</c> of <c>conv1</c>, <c>sigmoid1</c>, …; every convolution is 3×3 with padding 1 and has 3 filters; the last one has one filter per
/// color channel. The same seed gives the same weights. Source: Meng and Chen 2017, "MagNet", and its code. The caller disposes the network.
/// </remarks>
public static class AutoEncoders
{
    /// <summary>I, the deep one: convolution, 2×2 mean, convolution | convolution, doubling, convolution, output. Height and width must be even.</summary>
    /// <param name="seed">The seed of the weights.</param>
    /// <param name="channels">The number of color channels, at least 1; by default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of channels is below 1.</exception>
    public static nn.Module<Tensor, Tensor> MagNetDeep(ulong seed, long channels = 1)
    {
        using var make = new LayerMaker(seed, Initializations.Keras);
        return new LayerList(make)
            .ConvSigmoid(1, Checked(channels), 3).Add("pool", nn.AvgPool2d(2)).ConvSigmoid(2, 3, 3)
            .ConvSigmoid(3, 3, 3).Add("upsample", nn.Upsample(scale_factor: [2, 2])).ConvSigmoid(4, 3, 3).ConvSigmoid(5, 3, channels).Build();
    }

    /// <summary>II, the shallow one: convolution | convolution, output.</summary>
    /// <inheritdoc cref="MagNetDeep"/>
    public static nn.Module<Tensor, Tensor> MagNetShallow(ulong seed, long channels = 1)
    {
        using var make = new LayerMaker(seed, Initializations.Keras);
        return new LayerList(make).ConvSigmoid(1, Checked(channels), 3).ConvSigmoid(2, 3, 3).ConvSigmoid(3, 3, channels).Build();
    }

    private static long Checked(long channels) => channels >= 1
        ? channels
        : throw new ArgumentOutOfRangeException(nameof(channels), channels, "channels must be at least 1.");
}
