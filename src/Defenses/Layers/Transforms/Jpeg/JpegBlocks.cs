using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>JPEG's transform of 8 × 8 blocks, with quantization in between.</summary>
/// <remarks>
/// The cosines have 13 bits and the passes are rounded as in libjpeg's accurate integer transform, because the rounding decides
/// coefficients that are close to a tie.
/// </remarks>
internal static class JpegBlocks
{
    private const int Side = 8;

    // 2¹³·√8 times the orthonormal cosine transform: (frequency, pixel).
    private static readonly int[] Waves =
    [
        8192, 8192, 8192, 8192, 8192, 8192, 8192, 8192,
        11363, 9633, 6437, 2260, -2260, -6437, -9633, -11363,
        10703, 4433, -4433, -10703, -10703, -4433, 4433, 10703,
        9633, -2259, -11362, -6436, 6436, 11362, 2259, -9633,
        8192, -8192, -8192, 8192, 8192, -8192, -8192, 8192,
        6437, -11362, 2261, 9633, -9633, -2261, 11362, -6437,
        4433, -10704, 10704, -4433, -4433, 10704, -10704, 4433,
        2260, -6436, 9633, -11363, 11363, -9633, 6436, -2260,
    ];

    /// <summary>Levels 0…255 (N, C, H, W) → levels after quantization with the same table for every channel.</summary>
    internal static Tensor Compress(Tensor levels, int[] table)
    {
        var (height, width) = (levels.shape[2], levels.shape[3]);
        var waves = tensor(Waves, dtype: levels.dtype, device: levels.device).view(Side, Side) / (1 << 13);
        var steps = tensor(table, dtype: levels.dtype, device: levels.device).view(Side, Side);
        var padded = Pad(levels - 128);
        var rows = JpegRounding.HalfUp(Cut(padded).matmul(waves.t()) * 4);               // (blocks, y, u), 4√8 times too large
        var frequencies = JpegRounding.HalfUp(waves.matmul(rows) / 4);                   // (blocks, v, u), 8 times too large
        var quantized = JpegRounding.HalfAway(frequencies / (steps * Side)) * steps;
        var columns = JpegRounding.HalfUp(waves.t().matmul(quantized) * 4);              // (blocks, y, u), 4√8 times too large
        var restored = columns.matmul(waves) / (4 * Side);
        var joined = Join(restored, padded.shape).narrow(2, 0, height).narrow(3, 0, width);
        return JpegRounding.HalfUp(joined + 128).clamp(0, 255);
    }

    // Whole blocks: the last row and column are repeated.
    private static Tensor Pad(Tensor x)
    {
        var (down, right) = ((Side - x.shape[2] % Side) % Side, (Side - x.shape[3] % Side) % Side);
        return down + right == 0 ? x : nn.functional.pad(x, [0, right, 0, down], PaddingModes.Replicate);
    }

    // (N, C, H, W) → (blocks, 8, 8)
    private static Tensor Cut(Tensor x) => x.reshape(x.shape[0] * x.shape[1], x.shape[2] / Side, Side, x.shape[3] / Side, Side)
        .permute(0, 1, 3, 2, 4).reshape(-1, Side, Side);

    // (blocks, 8, 8) → (N, C, H, W)
    private static Tensor Join(Tensor blocks, long[] shape) => blocks
        .view(shape[0] * shape[1], shape[2] / Side, shape[3] / Side, Side, Side).permute(0, 1, 3, 2, 4).reshape(shape);
}

/// <summary>The example quantization tables of ITU-T T.81, annex K.1, scaled to a quality as libjpeg scales them. Row by row.</summary>
internal static class JpegTables
{
    private static readonly int[] BaseLuminance =
    [
        16, 11, 10, 16, 24, 40, 51, 61,
        12, 12, 14, 19, 26, 58, 60, 55,
        14, 13, 16, 24, 40, 57, 69, 56,
        14, 17, 22, 29, 51, 87, 80, 62,
        18, 22, 37, 56, 68, 109, 103, 77,
        24, 35, 55, 64, 81, 104, 113, 92,
        49, 64, 78, 87, 103, 121, 120, 101,
        72, 92, 95, 98, 112, 100, 103, 99,
    ];

    private static readonly int[] BaseChrominance =
    [
        17, 18, 24, 47, 99, 99, 99, 99,
        18, 21, 26, 66, 99, 99, 99, 99,
        24, 26, 56, 99, 99, 99, 99, 99,
        47, 66, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
    ];

    internal static int[] Luminance(int quality) => Scale(BaseLuminance, quality);

    internal static int[] Chrominance(int quality) => Scale(BaseChrominance, quality);

    // Quality 50 is the table itself, 100 all ones.
    private static int[] Scale(int[] table, int quality)
    {
        var percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
        return [.. table.Select(step => Math.Clamp((step * percent + 50) / 100, 1, 255))];
    }
}

/// <summary>JPEG's color space (JFIF: ITU-R BT.601, full range) and its chroma at half resolution, rounded as libjpeg rounds.</summary>
internal static class JpegColor
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
    /// The result has the size (height, width) of the image, without the repeated border.
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

/// <summary>JPEG's roundings to whole numbers, with the gradient of the identity.</summary>
internal static class JpegRounding
{
    /// <summary>⌊x + ½⌋.</summary>
    internal static Tensor HalfUp(Tensor x) => SurrogateGradient.Round(x, value => (value + 0.5).floor_());

    /// <summary>To the nearest whole number, halves away from zero.</summary>
    internal static Tensor HalfAway(Tensor x) => SurrogateGradient.Round(x, value => value.sign() * (value.abs() + 0.5).floor_());

    /// <summary>⌊x⌋.</summary>
    internal static Tensor Down(Tensor x) => SurrogateGradient.Round(x, value => value.floor());
}
