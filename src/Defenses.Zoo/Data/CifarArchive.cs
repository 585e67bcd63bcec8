using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Defenses.Zoo;

/// <summary>A gzipped tar archive of data files: fetched, compared with its checksum, unpacked file by file, removed.</summary>
internal sealed record CifarArchive(string Name, string Sha256, IReadOnlyDictionary<string, string> Files, IReadOnlyList<Uri> Mirrors)
{
    public static readonly CifarArchive Official = new(
        "cifar-10-binary.tar.gz",
        "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        CifarSums.Official,
        [new("https://www.cs.toronto.edu/~kriz/")]);

    public async Task FetchAsync(string folder, Downloader downloader, IReadOnlyList<Uri>? mirrors, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        foreach (var name in Files.Keys) TargetFile.Check(Path.Combine(folder, name));
        if (await AreRightAsync(folder, cancellation).ConfigureAwait(false)) return;
        var remote = new RemoteFile(Name, Sha256, false, DataFiles.Bases(mirrors ?? Mirrors));
        await downloader.FetchAsync(remote, folder, cancellation).ConfigureAwait(false);
        var archive = Path.Combine(folder, Name);
        await UnpackAsync(archive, folder, cancellation).ConfigureAwait(false);
        File.Delete(archive);
    }

    private async Task UnpackAsync(string archive, string folder, CancellationToken cancellation)
    {
        var found = new HashSet<string>();
        using var file = File.OpenRead(archive);
        using var content = new GZipStream(file, CompressionMode.Decompress);
        using var tar = new TarReader(content);
        while (await tar.GetNextEntryAsync(copyData: false, cancellation).ConfigureAwait(false) is { } entry)
        {
            // Only the names expected, and only their last part: an archive never chooses where to write.
            var name = Path.GetFileName(entry.Name);
            if (entry.DataStream is not { } data || !Files.TryGetValue(name, out var sum) || !found.Add(name)) continue;
            await AtomicFile.WriteAsync(Path.Combine(folder, name), target => CopyAsync(archive, name, data, target, sum, cancellation)).ConfigureAwait(false);
        }

        if (Files.Keys.FirstOrDefault(name => !found.Contains(name)) is { } missing) throw BadFile.Error(archive, $"must hold '{missing}', but does not.");
    }

    private static async Task CopyAsync(string archive, string name, Stream data, FileStream target, string sum, CancellationToken cancellation)
    {
        await data.CopyToAsync(target, cancellation).ConfigureAwait(false);
        if (await SumAsync(target, cancellation).ConfigureAwait(false) != sum)
            throw BadFile.Error(archive, $"holds another content of '{name}' than the official one (SHA-256 compared).");
    }

    private async Task<bool> AreRightAsync(string folder, CancellationToken cancellation)
    {
        foreach (var (name, sum) in Files)
        {
            var path = Path.Combine(folder, name);
            if (!File.Exists(path)) return false;
            using var stream = File.OpenRead(path);
            if (await SumAsync(stream, cancellation).ConfigureAwait(false) != sum) return false;
        }

        return true;
    }

    private static async Task<string> SumAsync(FileStream stream, CancellationToken cancellation)
    {
        stream.Position = 0;
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation).ConfigureAwait(false));
    }
}
