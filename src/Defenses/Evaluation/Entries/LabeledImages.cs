using Defenses.Training;
using static TorchSharp.torch;

namespace Defenses.Evaluation;

/// <summary>Labeled images, read block by block, so that the set need not fit into memory.</summary>
public sealed class LabeledImages
{
    private readonly Func<long, long, (Tensor Images, Tensor Labels)> _read;

    /// <summary>A set that can be read repeatedly in parts.</summary>
    /// <param name="count">The number of images, at least 1.</param>
    /// <param name="read">
    /// Reads images (M, …) and labels (M,) int64, given the first index and the number M. The caller disposes the tensors.
    /// </param>
    public LabeledImages(long count, Func<long, long, (Tensor Images, Tensor Labels)> read) =>
        (Count, _read) = (Require.AtLeast(count, 1, nameof(count)), Require.NotNull(read, nameof(read)));

    /// <summary>The number of images.</summary>
    public long Count { get; }

    /// <summary>The name of the set, such as "MNIST test".</summary>
    public string? Name { get; init; }

    /// <summary>The names of the classes, by number; by default the numbers.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>Images in memory. The caller keeps ownership of the tensors; they must live as long as this object.</summary>
    /// <param name="images">(N, …), floating point.</param>
    /// <param name="labels">(N,), int64.</param>
    /// <param name="name">The name of the set.</param>
    public static LabeledImages From(Tensor images, Tensor labels, string? name = null)
    {
        Require.Batch(images, nameof(images));
        Require.Labels(labels, images.shape[0], long.MaxValue, nameof(labels));
        return new LabeledImages(images.shape[0], (first, count) => (images.narrow(0, first, count), labels.narrow(0, first, count))) { Name = name };
    }

    /// <summary>A set with a name and class names, such as a folder of pictures, read in parts; it must live as long as this.</summary>
    /// <param name="set">Its batches must have (n,) int64 labels.</param>
    public static LabeledImages From(ILabeledSet set)
    {
        Require.NotNull(set, nameof(set));
        return new LabeledImages(set.Count, (first, count) => set.Batch(Range(first, count))) { Name = set.Name, ClassNames = set.ClassNames };
    }

    internal (Tensor Images, Tensor Labels) Read(long first, long count)
    {
        var (images, labels) = _read(first, count);
        if (images is null || labels is null || images.dim() < 2 || images.shape[0] != count || labels.dim() != 1 || labels.shape[0] != count)
            throw new InvalidOperationException(
                $"The examples must give {count} images and labels from index {first} on; they gave " +
                $"{(images is null ? "no images" : Require.Shape(images))} and {(labels is null ? "no labels" : Require.Shape(labels))}. " +
                "Correct the read function.");
        return (images, labels);
    }

    private static long[] Range(long first, long count)
    {
        var indices = new long[count];
        for (var i = 0L; i < count; i++) indices[i] = first + i;
        return indices;
    }

    internal string ClassName(long number) => ClassNames is { } names && number < names.Count ? names[(int)number] : $"{number}";
}
