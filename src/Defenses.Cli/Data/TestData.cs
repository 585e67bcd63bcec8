using System.Security.Cryptography;
using Defenses.Evaluation;
using Defenses.Training;
using Defenses.Zoo;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>The images that a model is tried on: those of a data set, or the user's own.</summary>
internal sealed class TestData : IDisposable
{
    private readonly ILabeledSet _set;
    private readonly IDisposable? _owned;
    private readonly bool _isSpread;

    private TestData(string key, ILabeledSet set, IReadOnlyList<long> imageShape, IReadOnlyList<string> classNames, IDisposable? owned, bool isSpread)
    {
        (Key, _set, ImageShape, ClassNames, _owned, _isSpread) = (key, set, imageShape, classNames, owned, isSpread);
        Chosen = set.Count;
    }

    /// <summary>The data set by its name as an option; of the user's own data the path.</summary>
    internal string Key { get; }

    internal string Name => _set.Name;

    internal IReadOnlyList<string> ClassNames { get; }

    /// <summary>The shape of one image: (C, H, W), or (d) of vectors.</summary>
    internal IReadOnlyList<long> ImageShape { get; }

    internal bool IsColor => ImageShape[0] == 3;

    /// <summary>Whether the classes were numbered by the names of folders.</summary>
    internal bool IsFolder => _set is ImageFolder;

    /// <summary>Whether they are the user's own, and no data set that has a name.</summary>
    internal bool IsOwn => _isSpread;

    /// <summary>How many there are in all.</summary>
    internal long Total => _set.Count;

    /// <summary>How many of them are used.</summary>
    internal long Chosen { get; private set; }

    /// <summary>A data set that has a name: its first images are used.</summary>
    internal static TestData Of(string key, DataSet test, IDisposable owned, IReadOnlyList<string>? names) =>
        new(key, test, test.ImageShape, names ?? test.ClassNames, owned, isSpread: false);

    /// <summary>A folder of pictures, sorted by class: images are taken from the whole of it.</summary>
    internal static TestData Of(string path, ImageFolder folder) => new(path, folder, folder.ImageShape, folder.ClassNames, null, isSpread: true);

    /// <summary>Arrays, which may be sorted by class: images are taken from the whole of them.</summary>
    internal static TestData Of(string path, ArraySet arrays) => new(path, arrays, arrays.ImageShape, arrays.ClassNames, arrays, isSpread: true);

    /// <summary>Saved images, all of them; the set is disposed with this.</summary>
    internal static TestData Of(string path, AdversarialSet saved) => new(path, saved, [.. saved.Images.shape[1..]], saved.ClassNames, saved, isSpread: true);

    /// <summary>Uses so many at most: the first of a data set, evenly spread ones of the user's own data.</summary>
    internal void Choose(long count) => Chosen = Math.Min(count, Total);

    /// <summary>Chosen images, float32, (n, …), with their classes, (n,).</summary>
    internal (Tensor Images, Tensor Labels) Read(long first, long count)
    {
        var rows = new long[count];
        for (var i = 0L; i < count; i++) rows[i] = _isSpread ? (first + i) * Total / Chosen : first + i;
        return _set.Batch(rows);
    }

    /// <summary>All chosen ones, for an evaluation.</summary>
    internal LabeledImages Examples() => new(Chosen, Read) { Name = Name, ClassNames = ClassNames };

    /// <summary>Tells one choice of images from another: the SHA-256 of their numbers and classes.</summary>
    internal string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var first = 0L; first < Chosen; first += 100)
        {
            using var scope = NewDisposeScope();
            var (images, labels) = Read(first, Math.Min(100, Chosen - first));
            hash.AppendData(images.contiguous().bytes);
            hash.AppendData(labels.contiguous().bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose() => _owned?.Dispose();
}
