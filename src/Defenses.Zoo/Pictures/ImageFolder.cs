using System.Security.Cryptography;
using System.Text;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>Pictures in a folder for each class, read on demand: a folder of any size needs the memory of one batch.</summary>
/// <remarks>
/// As torchvision's <c>ImageFolder</c>: a class is a folder directly below the root, classes are numbered in the order of their names (by character code), the
/// pictures of a class lie at any depth and are ordered by folder and name. .png, .jpg and .jpeg files are read (see <see cref="Pictures"/> for how), other
/// pictures are refused, other files and those whose name begins with a dot are left out. The folder must stay as it is while it is used.
/// </remarks>
public sealed class ImageFolder : ILabeledSet
{
    private readonly string _root;
    private readonly PictureEntry[] _files;
    private readonly (int Channels, int Height, int Width) _shape;

    /// <summary>Lists a folder and reads the first bytes of each picture.</summary>
    /// <param name="folder">The folder that holds the folders of the classes.</param>
    /// <param name="options">Colour, size, crop. Without a size, all pictures must have the size of the first.</param>
    /// <param name="classNames">The classes in the order in which the network numbers them; by default the folders' names in order.</param>
    /// <exception cref="ArgumentException">The options or the class names contradict themselves.</exception>
    /// <exception cref="IOException">The folder is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">There are no classes or no pictures, a class is empty or not among the names, or files are empty, no pictures,
    /// or others than their names say; up to ten are named with their paths.</exception>
    public ImageFolder(string folder, PictureOptions? options = null, IReadOnlyList<string>? classNames = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Options = options ?? new PictureOptions();
        Options.Check(nameof(options));
        _root = Path.GetFullPath(folder);
        (ClassNames, _files) = ImageFolderListing.Read(folder, classNames);
        Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(_root));
        _shape = Options.Shape ?? ShapeOf(Decode(_files[0]));
    }

    /// <summary>What the images are, for reports; by default the folder's name.</summary>
    public string Name { get; init; }

    /// <summary>Colour, size, crop.</summary>
    public PictureOptions Options { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The pictures, in order: the first is image 0.</summary>
    public IReadOnlyList<PictureEntry> Files => _files;

    /// <inheritdoc/>
    public long Count => _files.Length;

    /// <summary>The shape of one image, (C, H, W).</summary>
    public IReadOnlyList<long> ImageShape => [_shape.Channels, _shape.Height, _shape.Width];

    /// <summary>SHA-256 of the list: paths, classes and lengths of the files, in hexadecimal digits. Tells another list, not another content.</summary>
    public string ListHash => Hash(false, default);

    /// <summary>Images, float32 in [0, 1], (n, C, H, W), and their classes, int64, (n,), in that order.</summary>
    /// <param name="indices">Numbers of images.</param>
    /// <exception cref="InvalidDataException">A picture is damaged or of another size; the message names its path.</exception>
    public (Tensor Images, Tensor Labels) Batch(ReadOnlySpan<long> indices)
    {
        using var pixels = Pixels(indices);
        using var numbers = pixels.to_type(ScalarType.Float32);
        return (numbers.div(255), tensor(Array.ConvertAll(indices.ToArray(), index => _files[index].Label)));
    }

    /// <summary>All images in memory, as bytes.</summary>
    /// <exception cref="InvalidDataException">A picture is damaged or of another size; the message names its path.</exception>
    public DataSet ToDataSet()
    {
        var all = Array.ConvertAll(Enumerable.Range(0, _files.Length).ToArray(), index => (long)index);
        using var pixels = Pixels(all);
        using var labels = tensor(Array.ConvertAll(_files, file => file.Label));
        return new DataSet(Name, pixels, labels, ClassNames);
    }

    /// <summary>SHA-256 of the list and of the content of all files, in hexadecimal digits; reads them all.</summary>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    public string HashContent(CancellationToken cancellation = default) => Hash(true, cancellation);

    /// <summary>Decodes every picture; worth its time before a long run.</summary>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="InvalidDataException">Pictures are damaged or of another size; up to ten are named with their paths.</exception>
    public void Verify(CancellationToken cancellation = default)
    {
        var faults = new List<string>();
        foreach (var file in _files)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                Decode(file);
            }
            catch (InvalidDataException fault)
            {
                faults.Add(fault.Message);
            }
        }

        ImageFolderListing.Demand(_root, faults);
    }

    private Tensor Pixels(ReadOnlySpan<long> indices)
    {
        foreach (var index in indices)
        {
            if (index < 0 || index >= Count)
                throw new ArgumentOutOfRangeException(nameof(indices), index, $"indices must lie in 0 to {Count - 1}; one is {index}.");
        }

        using var scope = NewDisposeScope();
        var pixels = empty([indices.Length, .. ImageShape], dtype: ScalarType.Byte);
        for (var i = 0; i < indices.Length; i++)
        {
            var raster = Decode(_files[indices[i]]);
            using var row = pixels.select(0, i);
            raster.CopyTo(row.bytes);
        }

        return pixels.MoveToOuterDisposeScope();
    }

    private DecodedPicture Decode(PictureEntry file)
    {
        var path = Path.Combine(_root, file.Path);
        var raster = PictureDecoder.Decode(path).With(Options);
        if (_shape != default && ShapeOf(raster) != _shape)
            throw BadFile.Error(path, $"must have {_shape.Height}×{_shape.Width} pixels, as '{_files[0].Path}' has, but has {raster.Height}×{raster.Width}. "
                + "Give the options a size or a crop.");
        return raster;
    }

    private string Hash(bool content, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in _files)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.AppendData(Encoding.UTF8.GetBytes($"{file.Path}\t{ClassNames[(int)file.Label]}\t{file.Length}\n"));
            if (content) hash.AppendData(File.ReadAllBytes(Path.Combine(_root, file.Path)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static (int Channels, int Height, int Width) ShapeOf(DecodedPicture raster) => (raster.Channels, raster.Height, raster.Width);
}

/// <summary>One picture of an <see cref="ImageFolder"/>.</summary>
/// <param name="Path">Where it lies below the root, with slashes.</param>
/// <param name="Label">Its class.</param>
/// <param name="Length">Its length in bytes.</param>
public sealed record PictureEntry(string Path, long Label, long Length);
