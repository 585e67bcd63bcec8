namespace Defenses.Zoo;

/// <summary>A data set of 28×28 gray images in four IDX files, as MNIST: file names, checksums and mirrors.</summary>
internal sealed record IdxSet(string Name, string[] ClassNames, string[] Folders, Uri[] Mirrors, IdxSet.Sums Train, IdxSet.Sums Test)
{
    private const int Side = 28;

    /// <summary>SHA-256 of the decompressed images and labels of one split.</summary>
    public sealed record Sums(string Images, string Labels);

    public bool IsIn(string folder) =>
        new[] { "train", "t10k" }.All(split => Names(split).All(name => DataFiles.TryFind(folder, Folders, Forms(name)) is not null));

    public DataSet Load(string folder, bool train)
    {
        var (split, sums) = train ? ("train", Train) : ("t10k", Test);
        var paths = Names(split).Select(name => DataFiles.Find(folder, Folders, Forms(name), Name)).ToArray();
        var (images, labels) = (IdxReader.Read(paths[0], 3), IdxReader.Read(paths[1], 1));
        if (images.Shape[1] != Side || images.Shape[2] != Side)
            throw BadFile.Error(images.Path, $"must hold images of {Side}×{Side} pixels, but they are {images.Shape[1]}×{images.Shape[2]}.");
        if (images.Shape[0] != labels.Shape[0])
            throw BadFile.Error(labels.Path, $"must hold one label for each of the {images.Shape[0]} images in '{images.Path}', but holds {labels.Shape[0]}.");
        DataFiles.CheckLabels(labels.Path, labels.Data, 1, ClassNames.Length);
        RefuseAnother(images, sums.Images);
        var provenance = images.Sha256 == sums.Images && labels.Sha256 == sums.Labels ? Provenance.Official : Provenance.Unknown;
        return DataSet.FromBytes($"{Name} {(train ? "training" : "test")} set", images.Data, [1, Side, Side], labels.Data, ClassNames, provenance);
    }

    public async Task DownloadAsync(string folder, Downloader downloader, IReadOnlyList<Uri>? mirrors, CancellationToken cancellation)
    {
        var target = Directory.CreateDirectory(Path.Combine(folder, Folders[0])).FullName;
        foreach (var (split, sums) in new[] { ("train", Train), ("t10k", Test) })
        {
            foreach (var (name, sum) in Names(split).Zip([sums.Images, sums.Labels]))
                await downloader.FetchAsync(new RemoteFile($"{name}.gz", sum, true, DataFiles.Bases(mirrors ?? Mirrors)), target, cancellation)
                    .ConfigureAwait(false);
        }
    }

    private static string[] Names(string split) => [$"{split}-images-idx3-ubyte", $"{split}-labels-idx1-ubyte"];

    // Gzipped or plain; some tools write a dot for the second hyphen.
    private static string[] Forms(string name)
    {
        var dotted = name.Replace("-idx", ".idx", StringComparison.Ordinal);
        return [$"{name}.gz", name, $"{dotted}.gz", dotted];
    }

    // All sets of this layout use the same file names.
    private static void RefuseAnother(IdxArray images, string wanted)
    {
        if (images.Sha256 == wanted) return;
        foreach (var set in IdxSets.All)
        {
            foreach (var (split, sums) in new[] { ("training", set.Train), ("test", set.Test) })
            {
                if (images.Sha256 == sums.Images)
                    throw BadFile.Error(images.Path,
                        $"holds the {split} images of {set.Name} under the name of another file. Give the folder with the right files.");
            }
        }
    }
}

/// <summary>The known data sets in IDX files.</summary>
internal static class IdxSets
{
    public static readonly IdxSet Mnist = new(
        "MNIST",
        ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        ["mnist", "MNIST", Path.Combine("MNIST", "raw")],
        [new("https://ossci-datasets.s3.amazonaws.com/mnist/"), new("https://storage.googleapis.com/cvdf-datasets/mnist/")],
        new("ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
        new("0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"));

    public static readonly IdxSet FashionMnist = new(
        "Fashion-MNIST",
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
        ["fashion-mnist", "FashionMNIST", Path.Combine("FashionMNIST", "raw")],
        [new("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/")],
        new("c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888", "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
        new("5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b", "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"));

    public static readonly IReadOnlyList<IdxSet> All = [Mnist, FashionMnist];
}
