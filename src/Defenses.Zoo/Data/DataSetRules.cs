using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>Checks the arguments of <see cref="DataSet"/>.</summary>
internal static class DataSetRules
{
    /// <summary>Checks that the range is a part of a set of <paramref name="total"/> images and not empty.</summary>
    public static void Range(long total, long start, long count)
    {
        if (start < 0 || start >= total)
            throw new ArgumentOutOfRangeException(nameof(start), start, $"start must lie in 0 to {total - 1}: the set has {total} images.");
        if (count < 1 || count > total - start)
            throw new ArgumentOutOfRangeException(nameof(count), count,
                $"count must lie in 1 to {total - start}: the set has {total} images, and {start} are before the start.");
    }

    /// <summary>Checks images as bytes and one class for each image.</summary>
    public static void Tensors(Tensor pixels, Tensor labels, int classes)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentNullException.ThrowIfNull(labels);
        if (pixels.dtype != ScalarType.Byte || pixels.dim() != 4 || pixels.numel() == 0)
            throw new ArgumentException($"pixels must be uint8 of shape (N, C, H, W), not empty, but are {pixels.dtype} of shape {Shape(pixels)}.",
                nameof(pixels));
        if (labels.dtype != ScalarType.Int64 || labels.dim() != 1 || labels.shape[0] != pixels.shape[0])
            throw new ArgumentException($"labels must be int64 of shape ({pixels.shape[0]},), but are {labels.dtype} of shape {Shape(labels)}.",
                nameof(labels));
        using var scope = NewDisposeScope();
        var (low, high) = (labels.min().ToInt64(), labels.max().ToInt64());
        if (low < 0 || high >= classes)
            throw new ArgumentException($"labels must lie in 0 to {classes - 1}, one for each class name, but reach from {low} to {high}.", nameof(labels));
    }

    private static string Shape(Tensor tensor) => $"({string.Join(", ", tensor.shape)})";
}
