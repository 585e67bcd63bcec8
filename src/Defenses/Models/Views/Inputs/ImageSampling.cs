using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Images read at other places.</summary>
internal static class ImageSampling
{
    /// <summary>The images at fractional pixels, bilinear; the lower bound outside of the images. Differentiable in x.</summary>
    /// <param name="x">(N, C, H, W).</param>
    /// <param name="rows">The row to read for each pixel, (N, H, W); 0 is the center of the first row.</param>
    /// <param name="columns">The column to read for each pixel, (N, H, W).</param>
    /// <param name="lower">The lower bound.</param>
    internal static Tensor At(Tensor x, Tensor rows, Tensor columns, double lower)
    {
        using var scope = NewDisposeScope();
        var (height, width) = (x.shape[2], x.shape[3]);
        var grid = stack([(columns * 2 + 1) / width - 1, (rows * 2 + 1) / height - 1], -1);   // (N, H, W, 2), from −1 to 1 over the edges
        var seen = nn.functional.grid_sample(lower == 0 ? x : x - lower, grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Zeros, align_corners: false);
        return (lower == 0 ? seen : seen + lower).MoveToOuterDisposeScope();
    }

    /// <summary>The indices 0 … count − 1 in the dtype and on the device of <paramref name="like"/>.</summary>
    internal static Tensor Numbers(long count, Tensor like) => arange(count, dtype: like.dtype, device: like.device);
}
