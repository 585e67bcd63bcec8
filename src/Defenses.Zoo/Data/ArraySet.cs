using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>Labelled images from arrays: a pair of .npy files, or a safetensors file with <c>images</c> and <c>labels</c>.</summary>
/// <remarks>
/// Images: (N, C, H, W); (N, H, W, C) with one, three or four channels, which is turned round; (N, H, W), one channel; or (N, d) vectors. uint8 is kept as
/// bytes and given as float32 in [0, 1] (divided by 255); float16, float32 and float64 are given as float32, as they are. Labels: (N,) integers from 0 on.
/// </remarks>
public sealed class ArraySet : ILabeledSet, IDisposable
{
    private readonly Tensor _images, _labels;

    private ArraySet(string name, Tensor images, Tensor labels, IReadOnlyList<string> classNames)
    {
        (Name, ClassNames) = (name, classNames);
        (_images, _labels) = (images.DetachFromDisposeScope(), labels.DetachFromDisposeScope());
    }

    /// <summary>What the images are, for reports; by default the file's name.</summary>
    public string Name { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames { get; }

    /// <inheritdoc/>
    public long Count => _images.shape[0];

    /// <summary>The shape of one image, (C, H, W) or (d).</summary>
    public IReadOnlyList<long> ImageShape => _images.shape[1..];

    /// <summary>Reads two .npy files.</summary>
    /// <param name="imagesPath">The images, as said above.</param>
    /// <param name="labelsPath">Their classes, (N,), integers.</param>
    /// <param name="classNames">The name of each class; by default numbers up to the largest label.</param>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or an array has another type, shape or label; the message says what to do.</exception>
    public static ArraySet FromNpy(string imagesPath, string labelsPath, IReadOnlyList<string>? classNames = null)
    {
        using var scope = NewDisposeScope();
        return Make(imagesPath, NpyReader.Read(imagesPath), labelsPath, NpyReader.Read(labelsPath), classNames);
    }

    /// <summary>Reads a safetensors file with the tensors <c>images</c> and <c>labels</c>; others in it are left out.</summary>
    /// <param name="path">The file.</param>
    /// <param name="classNames">The name of each class; by default numbers up to the largest label.</param>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or lacks a tensor, or one has another type, shape or label.</exception>
    public static ArraySet FromSafetensors(string path, IReadOnlyList<string>? classNames = null)
    {
        using var file = Safetensors.Read(path);
        if (!file.TryGetValue("images", out var images) || !file.TryGetValue("labels", out var labels))
            throw BadFile.Error(path, $"must hold the tensors images and labels, but holds: {string.Join(", ", file.Keys.Order(StringComparer.Ordinal))}.");
        using var scope = NewDisposeScope();
        return Make(path, images.alias(), path, labels.alias(), classNames);
    }

    /// <summary>Images, float32, (n, …), and their classes, int64, (n,), in that order.</summary>
    /// <param name="indices">Numbers of images.</param>
    public (Tensor Images, Tensor Labels) Batch(ReadOnlySpan<long> indices)
    {
        using var scope = NewDisposeScope();
        var rows = tensor(indices.ToArray());
        var images = _images.index_select(0, rows);
        var numbers = images.dtype == ScalarType.Byte ? images.to_type(ScalarType.Float32).div(255) : images.to_type(ScalarType.Float32);
        return (numbers.MoveToOuterDisposeScope(), _labels.index_select(0, rows).MoveToOuterDisposeScope());
    }

    /// <summary>Frees the images and labels.</summary>
    public void Dispose()
    {
        _images.Dispose();
        _labels.Dispose();
    }

    private static ArraySet Make(string imagesPath, Tensor images, string labelsPath, Tensor labels, IReadOnlyList<string>? classNames)
    {
        var channelsFirst = ArraySetRules.Images(imagesPath, images);
        var classes = ArraySetRules.Labels(labelsPath, labels, images.shape[0], classNames?.Count);
        var names = classNames ?? [.. Enumerable.Range(0, (int)classes.max().ToInt64() + 1).Select(number => $"{number}")];
        return new ArraySet(Path.GetFileNameWithoutExtension(imagesPath), channelsFirst, classes, names);
    }
}

/// <summary>What <see cref="ArraySet"/> demands of its arrays.</summary>
internal static class ArraySetRules
{
    private const int MostClasses = 1_000_000;

    /// <summary>The images with channels first.</summary>
    public static Tensor Images(string path, Tensor images)
    {
        if (images.dtype != ScalarType.Byte && !images.is_floating_point())
            throw BadFile.Error(path, $"must hold images as uint8 (0 to 255) or floating point, but holds {images.dtype}. In NumPy: images.astype('uint8').");
        if (images.numel() == 0 || images.dim() is not (2 or 3 or 4))
            throw BadFile.Error(path, $"must hold images of shape (N, C, H, W), (N, H, W, C), (N, H, W) or (N, d), but has shape {Shape(images)}.");
        if (images.is_floating_point() && !images.isfinite().all().ToBoolean())
            throw BadFile.Error(path, "must hold numbers, but some are NaN or infinite.");
        if (images.dim() == 3) return images.unsqueeze(1);
        if (images.dim() == 2 || !IsChannels(images.shape[3])) return images.alias();
        if (IsChannels(images.shape[1]) && images.shape[1] != images.shape[3])
        {
            throw BadFile.Error(path, $"has shape {Shape(images)}, in which channels may stand first or last. "
                + "In NumPy: images.transpose(0, 3, 1, 2) if they stand last; else pad the images.");
        }

        return IsChannels(images.shape[1]) ? images.alias() : images.permute(0, 3, 1, 2).contiguous();
    }

    /// <summary>The labels as int64.</summary>
    public static Tensor Labels(string path, Tensor labels, long count, int? classes)
    {
        if (labels.dim() != 1)
        {
            var cure = labels.dim() == 2 && labels.shape[1] > 1 ? "labels.argmax(1)" : "labels.reshape(-1)";
            throw BadFile.Error(path, $"must hold labels of shape ({count},), one class for each image, but has shape {Shape(labels)}. In NumPy: {cure}.");
        }

        if (labels.is_floating_point() || labels.dtype == ScalarType.Bool)
            throw BadFile.Error(path, $"must hold labels as integers, but holds {labels.dtype}. In NumPy: labels.astype('int64').");
        if (labels.shape[0] != count)
            throw BadFile.Error(path, $"must hold a label for each of the {count} images, but holds {labels.shape[0]}. Do the two belong together?");
        var numbers = labels.to_type(ScalarType.Int64);
        var (low, high, most) = (numbers.min().ToInt64(), numbers.max().ToInt64(), classes ?? MostClasses);
        if (low < 0 || high >= most)
            throw BadFile.Error(path, $"must hold labels from 0 to {most - 1}, but they reach from {low} to {high}. Classes are numbered from 0.");
        return ReferenceEquals(numbers, labels) ? labels.alias() : numbers;
    }

    private static bool IsChannels(long length) => length is 1 or 3 or 4;

    private static string Shape(Tensor tensor) => $"({string.Join(", ", tensor.shape)})";
}
