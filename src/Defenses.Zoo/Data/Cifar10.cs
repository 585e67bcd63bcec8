namespace Defenses.Zoo;

/// <summary>CIFAR-10: photographs of ten kinds of objects, 50,000 training and 10,000 test images of 32×32 pixels in three colors.</summary>
/// <remarks>
/// Files: those of the binary version (<c>data_batch_1.bin</c> to <c>data_batch_5.bin</c>, <c>test_batch.bin</c>) in the given folder or in its
/// subfolder <c>cifar10</c>, <c>cifar-10-batches-bin</c> or <c>cifar10/cifar-10-batches-bin</c>. Each has 10,000 records of 3,073 bytes: the label,
/// then the red, green and blue plane, row by row. Checked: length, label range, and whether the content is the official one
/// (<see cref="DataSet.Provenance"/>). Source: Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images.
/// </remarks>
public static class Cifar10
{
    private const string Folder = "cifar10";
    private const string Unpacked = "cifar-10-batches-bin";
    private static readonly string[] ClassNames = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
    private static readonly string[] Folders = [Folder, Unpacked, Path.Combine(Folder, Unpacked)];
    private static readonly string[] TrainFiles = [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin")];
    private static readonly string[] TestFiles = ["test_batch.bin"];

    /// <summary>The training images, (50000, 3, 32, 32).</summary>
    /// <param name="folder">The folder that holds the files or their subfolder.</param>
    /// <exception cref="IOException">The folder or a file is missing or cannot be read; the message lists the searched places.</exception>
    /// <exception cref="InvalidDataException">A file has another length than 10,000 records, or a label above 9.</exception>
    public static DataSet Train(string folder) => CifarReader.Read("CIFAR-10 training set", Find(folder, TrainFiles), ClassNames);

    /// <summary>The test images, (10000, 3, 32, 32).</summary>
    /// <inheritdoc cref="Train"/>
    public static DataSet Test(string folder) => CifarReader.Read("CIFAR-10 test set", Find(folder, TestFiles), ClassNames);

    /// <summary>Whether all six files are found in the folder or its subfolders; their content is not read.</summary>
    public static bool IsIn(string folder) => TrainFiles.Concat(TestFiles).All(name => DataFiles.TryFind(folder, Folders, [name]) is not null);

    /// <summary>Downloads the archive of the binary version (162 MB) and unpacks its six files into the subfolder
    /// <c>cifar10</c> of <paramref name="folder"/>.</summary>
    /// <remarks>The SHA-256 of the archive and of each file is checked before a file gets its name; failures and cancellation leave no files behind.
    /// Correct files are kept; if all are correct, nothing is downloaded.</remarks>
    /// <param name="folder">The data folder; created if missing.</param>
    /// <param name="progress">Receives a report for every received block.</param>
    /// <param name="cancellation">Stops the download.</param>
    /// <param name="mirrors">Base addresses to use in place of the built-in one, tried in order.</param>
    /// <exception cref="IOException">No mirror gave the right file (the message gives the reason for each attempt),
    /// or the folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was requested.</exception>
    public static Task DownloadAsync(
        string folder, IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default, IReadOnlyList<Uri>? mirrors = null) =>
        CifarArchive.Official.FetchAsync(Path.Combine(folder, Folder), new Downloader(progress), mirrors, cancellation);

    private static IEnumerable<string> Find(string folder, string[] names) => names.Select(name => DataFiles.Find(folder, Folders, [name], "CIFAR-10"));
}
