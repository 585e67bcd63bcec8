namespace Defenses.Zoo;

/// <summary>Fashion-MNIST: articles of clothing, 60,000 training and 10,000 test images of 28×28 gray pixels.</summary>
/// <remarks>
/// Files: the four IDX files under their official names (<c>train-images-idx3-ubyte.gz</c>, …), gzipped or plain, in the given folder, in its
/// subfolder <c>fashion-mnist</c>, or where torchvision puts them. Checked: magic numbers, sizes, lengths, one label per image, label range, and
/// whether the content is the official one (<see cref="DataSet.Provenance"/>; other content of the right structure is read and marked
/// <see cref="Provenance.Unknown"/>). Source: Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747.
/// </remarks>
public static class FashionMnist
{
    /// <summary>The training images, (N, 1, 28, 28).</summary>
    /// <param name="folder">The folder that holds the files or their subfolder.</param>
    /// <exception cref="IOException">The folder or a file is missing or cannot be read; the message lists the searched places.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or belongs to another set.</exception>
    public static DataSet Train(string folder) => IdxSets.FashionMnist.Load(folder, train: true);

    /// <summary>The test images, (N, 1, 28, 28).</summary>
    /// <inheritdoc cref="Train"/>
    public static DataSet Test(string folder) => IdxSets.FashionMnist.Load(folder, train: false);

    /// <summary>Whether all four files are found in the folder or its subfolders; their content is not read.</summary>
    public static bool IsIn(string folder) => IdxSets.FashionMnist.IsIn(folder);

    /// <summary>Downloads the four files into the subfolder <c>fashion-mnist</c> of <paramref name="folder"/>; correct files are kept.</summary>
    /// <remarks>A file gets its name only after its content has been checked by the official SHA-256; failures and
    /// cancellation leave no files behind.</remarks>
    /// <param name="folder">The data folder; created if missing.</param>
    /// <param name="progress">Receives a report for every received block.</param>
    /// <param name="cancellation">Stops the download.</param>
    /// <param name="mirrors">Base addresses to use in place of the built-in ones, tried in order.</param>
    /// <exception cref="IOException">No mirror gave the right file (the message gives the reason for each attempt),
    /// or the folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was requested.</exception>
    public static Task DownloadAsync(
        string folder, IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default, IReadOnlyList<Uri>? mirrors = null) =>
        IdxSets.FashionMnist.DownloadAsync(folder, new Downloader(progress), mirrors, cancellation);
}
