using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>JPEG's colour space (JFIF: ITU-R BT.601, full range) and its chroma at half resolution, rounded as libjpeg rounds.</summary>
internal static class JpegColour
{
    /// <summary>Levels of red, green and blue (N, 3, H, W) → lightness (N, 1, H, W) and chroma (N, 2, H, W), all 0…255.</summary>
    internal static (Tensor Light, Tensor Chroma) Split(Tensor rgb)
    {
        var weights = tensor(
            new[] { 0.299, 0.587, 0.114, -0.168735892, -0.331264108, 0.5, 0.5, -0.418687589, -0.081312411 },
            dtype: rgb.dtype, device: rgb.device).view(3, 3, 1, 1);
        var offsets = tensor(new[] { 0.0, 128, 128 }, dtype: rgb.dtype, device: rgb.device);
        var mixed = JpegRounding.HalfUp(nn.functional.conv2d(rgb, weights, offsets)).clamp(0, 255);
        return (mixed.narrow(1, 0, 1), mixed.narrow(1, 1, 2));
    }

    /// <summary>The way back, from lightness and chroma at full resolution.</summary>
    internal static Tensor Join(Tensor light, Tensor chroma)
    {
        var weights = tensor(
            new[] { 1, 0, 1.402, 1, -0.344136286, -0.714136286, 1, 1.772, 0 }, dtype: light.dtype, device: light.device).view(3, 3, 1, 1);
        return JpegRounding.HalfUp(nn.functional.conv2d(cat([light, chroma - 128], 1), weights)).clamp(0, 255);
    }

    /// <summary>
    /// Means of 2 × 2 pixels, rounded down and up in turn from column to column, with the last column repeated to a whole block:
    /// (N, C, H, W) → (N, C, ⌈H/2⌉, 8⌈W/16⌉).
    /// </summary>
    internal static Tensor Halve(Tensor x)
    {
        var whole = nn.functional.pad(x, [0, (16 - x.shape[3] % 16) % 16, 0, x.shape[2] % 2], PaddingModes.Replicate);
        var means = nn.functional.avg_pool2d(whole, 2);
        var bias = (arange(means.shape[3], dtype: x.dtype, device: x.device).remainder(2) + 1) / 4;
        return JpegRounding.Down(means + bias);
    }

    /// <summary>
    /// Twice the resolution by libjpeg's triangle filter: each new pixel is ¾ the nearest and ¼ the next nearest, in both directions.
    /// Of the image alone, (height, width), without what was repeated.
    /// </summary>
    internal static Tensor Double(Tensor x, long height, long width)
    {
        var columns = Interleave(Interleave(x.narrow(3, 0, (width + 1) / 2), 2), 3);   // 16 times the level would be whole
        var bias = (8 - arange(columns.shape[3], dtype: x.dtype, device: x.device).remainder(2)) / 16;
        return JpegRounding.Down(columns + bias).narrow(2, 0, height).narrow(3, 0, width);
    }

    private static Tensor Interleave(Tensor x, int dim)
    {
        var last = x.shape[dim] - 1;
        var before = cat([x.narrow(dim, 0, 1), x.narrow(dim, 0, last)], dim);
        var after = cat([x.narrow(dim, 1, last), x.narrow(dim, last, 1)], dim);
        return stack([x * 0.75 + before * 0.25, x * 0.75 + after * 0.25], dim + 1).flatten(dim, dim + 1);
    }
}
