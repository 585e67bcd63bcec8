using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>A window at a random place of each image. Where the square is higher or wider than the image, the window is
/// longer in the other direction.</summary>
internal sealed class SquareWindow
{
    private SquareWindow(Tensor rows, Tensor columns, long height, long width)
    {
        (Rows, Columns, Height, Width) = (rows, columns, height, width);
        Mask = Within(rows, height).logical_and(Within(columns, width));
    }

    /// <summary>The number of rows.</summary>
    internal long Height { get; }

    /// <summary>The number of columns.</summary>
    internal long Width { get; }

    /// <summary>Each row's number within the window, (N, 1, H, 1) int64; outside the window it is below 0, or at least the height.</summary>
    internal Tensor Rows { get; }

    /// <summary>Each column's number within the window, (N, 1, 1, W) int64.</summary>
    internal Tensor Columns { get; }

    /// <summary>Whether an element lies in the window, (N, 1, H, W) bool.</summary>
    internal Tensor Mask { get; }

    /// <summary>The height and width of a window that covers a share of a plane.</summary>
    /// <param name="planes">The images, (N, C, H, W).</param>
    /// <param name="share">The share.</param>
    /// <param name="odd">Whether the side must be odd and at least 3 (as far as the plane allows).</param>
    internal static (long Height, long Width) Size(Tensor planes, double share, bool odd)
    {
        var (height, width) = (planes.shape[2], planes.shape[3]);
        var area = share * height * width;
        var side = Math.Max(1, (long)Math.Round(Math.Sqrt(area), MidpointRounding.ToEven));
        if (odd) side = Math.Max(3, side + 1 - (side % 2));
        if (side > height) return (height, Math.Clamp((long)Math.Round(area / height), Math.Min(side, width), width));
        if (side > width) return (Math.Clamp((long)Math.Round(area / width), Math.Min(side, height), height), width);
        return (side, side);
    }

    /// <summary>A window of the given size at an independent random place of each image.</summary>
    internal static SquareWindow Draw(Tensor planes, (long Height, long Width) size, RandomSource random)
    {
        var (count, height, width) = (planes.shape[0], planes.shape[2], planes.shape[3]);
        var place = random.Uniform(zeros([count, 2], dtype: ScalarType.Float64, device: planes.device));
        return new SquareWindow(
            Numbers(height, place.select(1, 0), size.Height).view([count, 1, height, 1]),
            Numbers(width, place.select(1, 1), size.Width).view([count, 1, 1, width]), size.Height, size.Width);
    }

    // (N,) uniform numbers → (N, length): the number of each place, counted from the first place of the window.
    private static Tensor Numbers(long length, Tensor place, long size)
    {
        var first = (place * (length - size + 1)).floor().to_type(ScalarType.Int64).unsqueeze(1);
        return arange(length, dtype: ScalarType.Int64, device: place.device).unsqueeze(0) - first;
    }

    private static Tensor Within(Tensor numbers, long size) => numbers.ge(0).logical_and(numbers.lt(size));
}
