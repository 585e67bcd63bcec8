using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>Labeled images, stored as bytes and converted to numbers in [0, 1] for the requested part.</summary>
/// <remarks>
/// Bytes need a quarter of the memory: CIFAR-10's training images take 154 MB instead of 614 MB. Call <see cref="Images(Tensor)"/> for one batch at
/// a time. A data set owns its tensors, independent of dispose scopes; <see cref="Slice"/> and <see cref="Take"/> share the memory of the
/// set they come from, and each set can be disposed independently.
/// </remarks>
public sealed class DataSet : ILabeledSet, IDisposable
{
    /// <summary>A data set over the given tensors. The caller still owns and disposes its own handles.</summary>
    /// <param name="name">Its name in reports.</param>
    /// <param name="pixels">Images, uint8, (N, C, H, W), on the CPU.</param>
    /// <param name="labels">Classes, int64, (N,), each from 0 to the number of class names − 1, on the CPU.</param>
    /// <param name="classNames">The name of each class.</param>
    /// <param name="provenance">Where the images come from.</param>
    /// <exception cref="ArgumentException">A dtype, a shape or a label breaks these rules.</exception>
    public DataSet(string name, Tensor pixels, Tensor labels, IReadOnlyList<string> classNames, Provenance provenance = Provenance.Unknown)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(classNames);
        DataSetRules.Tensors(pixels, labels, classNames.Count);
        (Name, ClassNames, Provenance) = (name, classNames, provenance);
        Pixels = pixels.alias().DetachFromDisposeScope();
        Labels = labels.alias().DetachFromDisposeScope();
    }

    /// <summary>Its name in reports.</summary>
    public string Name { get; }

    /// <summary>The name of each class; as many as there are classes.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Where the images come from.</summary>
    public Provenance Provenance { get; }

    /// <summary>All images as bytes, uint8, (N, C, H, W). Owned by the data set: do not dispose or change it.</summary>
    public Tensor Pixels { get; }

    /// <summary>All classes, int64, (N,). Owned by the data set: do not dispose or change it.</summary>
    public Tensor Labels { get; }

    /// <summary>The number of images.</summary>
    public long Count => Pixels.shape[0];

    /// <summary>The shape of one image, (C, H, W).</summary>
    public IReadOnlyList<long> ImageShape => Pixels.shape[1..];

    /// <summary>All images, float32 in [0, 1], (N, C, H, W): four times the memory of <see cref="Pixels"/>.</summary>
    public Tensor Images() => Images(0, Count);

    /// <summary>The images from <paramref name="start"/> on, float32 in [0, 1], (<paramref name="count"/>, C, H, W).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the set.</exception>
    public Tensor Images(long start, long count)
    {
        DataSetRules.Range(Count, start, count);
        using var part = Pixels.narrow(0, start, count);
        return Scale(part);
    }

    /// <summary>The images with the given numbers, in that order, float32 in [0, 1], (number of indices, C, H, W).</summary>
    /// <param name="indices">Numbers of images, int64, (any,).</param>
    public Tensor Images(Tensor indices)
    {
        using var part = Pixels.index_select(0, indices);
        return Scale(part);
    }

    /// <summary>The images with the given numbers, float32 in [0, 1], (n, C, H, W), and their classes, int64, (n,), in that order.</summary>
    /// <param name="indices">Numbers of images.</param>
    public (Tensor Images, Tensor Labels) Batch(ReadOnlySpan<long> indices)
    {
        using var rows = tensor(indices.ToArray());
        return (Images(rows), Labels.index_select(0, rows));
    }

    /// <summary>The first <paramref name="count"/> images, sharing memory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer images, or <paramref name="count"/> is below 1.</exception>
    public DataSet Take(long count) => Slice(0, count);

    /// <summary>The <paramref name="count"/> images from <paramref name="start"/> on, sharing memory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the set, or is empty.</exception>
    public DataSet Slice(long start, long count)
    {
        DataSetRules.Range(Count, start, count);
        using var pixels = Pixels.narrow(0, start, count);
        using var labels = Labels.narrow(0, start, count);
        return new DataSet(Name, pixels, labels, ClassNames, Provenance);
    }

    /// <summary>The images with the given numbers, in that order, copied.</summary>
    /// <param name="indices">Numbers of images, int64, (any,).</param>
    public DataSet Select(Tensor indices)
    {
        using var pixels = Pixels.index_select(0, indices);
        using var labels = Labels.index_select(0, indices);
        return new DataSet(Name, pixels, labels, ClassNames, Provenance);
    }

    /// <summary><paramref name="count"/> images drawn without replacement, in random order: a function of the seed, the same on every machine.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer images, or <paramref name="count"/> is below 1.</exception>
    public DataSet Shuffled(long count, ulong seed)
    {
        DataSetRules.Range(Count, 0, count);
        using var indices = tensor(RandomOrder.First(Count, count, seed));
        return Select(indices);
    }

    /// <summary>Frees the images and labels.</summary>
    public void Dispose()
    {
        Pixels.Dispose();
        Labels.Dispose();
    }

    internal static DataSet FromBytes(string name, byte[] pixels, long[] imageShape, byte[] labels, IReadOnlyList<string> classNames, Provenance provenance)
    {
        using var images = empty([labels.Length, .. imageShape], dtype: ScalarType.Byte);
        pixels.CopyTo(images.bytes);
        using var classes = tensor(Array.ConvertAll(labels, label => (long)label));
        return new DataSet(name, images, classes, classNames, provenance);
    }

    private static Tensor Scale(Tensor pixels)
    {
        using var numbers = pixels.to_type(ScalarType.Float32);
        return numbers.div(255);
    }
}

/// <summary>The known origin of the images of a <see cref="DataSet"/>.</summary>
public enum Provenance
{
    /// <summary>The structure of the files is right, but their content is unknown: results hold for this copy.</summary>
    Unknown,

    /// <summary>The content of every file is that of the official release (SHA-256 compared).</summary>
    Official,

    /// <summary>The content is a known lossy copy (CIFAR-10 re-encoded as JPEG): results are not exactly comparable with published ones.</summary>
    Reencoded,

    /// <summary>The images were generated by a program from a seed.</summary>
    Generated,
}
