using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>JPEG's transform of 8 × 8 blocks, with quantisation in between.</summary>
/// <remarks>
/// The cosines have 13 bits and the passes are rounded as in libjpeg's accurate integer transform, because that decides
/// coefficients near a tie.
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

    /// <summary>Levels 0…255 (N, C, H, W) → levels after quantisation with the table, every channel alike.</summary>
    internal static Tensor Compress(Tensor levels, int[] table)
    {
        var (height, width) = (levels.shape[2], levels.shape[3]);
        var waves = tensor(Waves, dtype: levels.dtype, device: levels.device).view(Side, Side) / (1 << 13);
        var steps = tensor(table, dtype: levels.dtype, device: levels.device).view(Side, Side);
        var padded = Pad(levels - 128);
        var rows = JpegRounding.HalfUp(Cut(padded).matmul(waves.t()) * 4);               // (blocks, y, u), 4√8 times too large
        var frequencies = JpegRounding.HalfUp(waves.matmul(rows) / 4);                   // (blocks, v, u), 8 times too large
        var quantised = JpegRounding.HalfAway(frequencies / (steps * Side)) * steps;
        var columns = JpegRounding.HalfUp(waves.t().matmul(quantised) * 4);              // (blocks, y, u), 4√8 times too large
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
