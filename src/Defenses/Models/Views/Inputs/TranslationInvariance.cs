using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>TI: the images stay, and their gradients are smoothed by a Gaussian kernel, channel by channel.</summary>
/// <remarks>
/// Shape: (N, C, H, W) → (N, C, H, W). The smoothed gradient is close to the mean gradient over shifted images. Beyond the edges the gradient is 0.
/// The kernel is the outer product of the standard normal density at k points with equal distances on [−3, 3], and sums to 1: its deviation is
/// (k − 1)/6 pixels. Source: Dong et al. 2019 (translation-invariant attacks): k = 15 for 299 × 299 pixels. Use it against models that
/// smooth or purify images; on other models it lowers transfer.
/// </remarks>
public sealed record TranslationInvariance : InputTransform
{
    /// <summary>The side of the kernel in pixels, odd, at least 3; by default 5.</summary>
    public int Kernel
    {
        get;
        init => field = value >= 3 && value % 2 == 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Kernel), value, $"{nameof(Kernel)} must be an odd number of pixels, at least 3.");
    } = 5;

    /// <inheritdoc/>
    public override bool IsRandom => false;

    /// <inheritdoc/>
    public override Tensor Apply(Tensor x, int copy, Bounds bounds, RandomSource random)
    {
        Require.ImageBatch(x, nameof(x));
        if (!x.requires_grad || !is_grad_enabled()) return x.alias();
        using var scope = NewDisposeScope();
        return SurrogateGradient.Of(x.detach, Smooth(x)).MoveToOuterDisposeScope();
    }

    // The kernel is symmetric, so that the backward pass smooths as the forward pass does.
    private Tensor Smooth(Tensor x)
    {
        var line = linspace(-3, 3, Kernel, dtype: x.dtype, device: x.device).square().div(-2).exp();
        line = line / line.sum();
        var channels = x.shape[1];
        var kernel = outer(line, line).view(1, 1, Kernel, Kernel).expand(channels, 1, Kernel, Kernel).contiguous();
        return nn.functional.conv2d(x, kernel, padding: [Kernel / 2, Kernel / 2], groups: channels);
    }
}
