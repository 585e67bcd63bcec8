using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>Replaces each pixel by the median of the kernel × kernel window around it, channel by channel.</summary>
/// <remarks>
/// Shape: (N, C, H, W) → (N, C, H, W). Beyond the edges the nearest pixel is repeated. An even window reaches one pixel further up and left,
/// and its median is the larger of the two middle values. The gradient goes to the selected pixel; the surrogate's gradient is that
/// of the identity. Source: Xu, Evans and Qi 2018 (Feature Squeezing); 2 × 2 for MNIST and CIFAR-10.
/// </remarks>
public sealed class MedianSmoothing : nn.Module<Tensor, Tensor>, ISurrogateGradient
{
    /// <summary>Smoothing with the given window.</summary>
    /// <param name="kernel">The side of the window in pixels, 2 or above.</param>
    /// <exception cref="ArgumentOutOfRangeException">kernel is below 2.</exception>
    public MedianSmoothing(int kernel = 2) : base(nameof(MedianSmoothing)) => Kernel = kernel;

    /// <summary>The side of the window in pixels, 2 or above.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 2.</exception>
    public int Kernel
    {
        get;
        set => field = Require.AtLeast(value, 2, "kernel");
    }

    /// <inheritdoc/>
    public bool UseSurrogate { get; set; }

    /// <summary>The medians of the windows.</summary>
    /// <exception cref="ArgumentException">x is not a floating point tensor (N, C, H, W), or is so small that the window reaches beyond both of its edges from
    /// every pixel.</exception>
    public override Tensor forward(Tensor x)
    {
        Require.ImageBatch(x, nameof(x));
        var most = 2 * Math.Max(x.shape[2], x.shape[3]) + 1;
        if (Kernel > most && x.numel() > 0)
            throw new ArgumentException($"kernel must be at most {most} on images of {x.shape[2]} × {x.shape[3]} " +
                $"(twice the longer side, and one); it is {Kernel}.", nameof(x));
        return UseSurrogate && x.requires_grad ? SurrogateGradient.Of(() => Medians(x), x) : Medians(x);
    }

    private Tensor Medians(Tensor x)
    {
        if (x.numel() == 0) return x.alias();
        using var scope = NewDisposeScope();
        var (height, width) = (x.shape[2], x.shape[3]);
        var (before, after) = (Kernel / 2, (Kernel - 1) / 2);
        var padded = nn.functional.pad(x, [before, after, before, after], PaddingModes.Replicate);
        var windows = new List<Tensor>(Kernel * Kernel);
        for (var row = 0; row < Kernel; row++)
            for (var column = 0; column < Kernel; column++)
                windows.Add(padded.narrow(2, row, height).narrow(3, column, width));
        return stack(windows, dim: -1).kthvalue(Kernel * Kernel / 2 + 1, -1).values.MoveToOuterDisposeScope();
    }
}
