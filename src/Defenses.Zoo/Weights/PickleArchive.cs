using System.IO.Compression;

namespace Defenses.Zoo;

/// <summary>Checks the ZIP archive that PyTorch's <c>torch.save</c> writes before anything in it is read as a pickle.</summary>
internal static class PickleArchive
{
    /// <summary>Whether the first bytes are those of a ZIP archive, or of the formats before it.</summary>
    public static bool IsMine(ReadOnlySpan<byte> start) => start.StartsWith("PK"u8) || IsLegacy(start);

    /// <summary>Demands one pickle, values without compression, whole files inside, little-endian.</summary>
    /// <exception cref="InvalidDataException">The archive breaks one of these rules, or holds a TorchScript program; the message says what to do.</exception>
    public static void Check(string path, FileStream file)
    {
        Span<byte> start = stackalloc byte[4];
        if (file.ReadAtLeast(start, 4, throwOnEndOfStream: false) < 4 || !start.SequenceEqual("PK\x03\x04"u8))
            throw BadFile.Error(path, IsLegacy(start)
                ? "is in the format from before PyTorch 1.6, which is not read. Load it in PyTorch and save it again with torch.save."
                : "must begin as a ZIP archive, but does not. Fetch it again.");
        file.Position = 0;
        using (var archive = Whole(path, () => Open(file))) CheckEntries(path, archive);
        file.Position = 0;
    }

    // The list of entries is read at the first access.
    private static ZipArchive Open(FileStream file)
    {
        var archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
        _ = archive.Entries;
        return archive;
    }

    private static T Whole<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is InvalidDataException or IOException or ArgumentException or NotSupportedException)
        {
            throw BadFile.Error(path, $"must be a whole ZIP archive, but is damaged: {error.Message} Fetch it again.", error);
        }
    }

    private static uint Sum(ZipArchiveEntry entry)
    {
        using var content = entry.Open();
        return Crc32.Compute(content);
    }

    private static string Text(ZipArchiveEntry entry)
    {
        using var reader = new StreamReader(entry.Open());
        return reader.ReadToEnd();
    }

    private static bool IsLegacy(ReadOnlySpan<byte> start) => start.Length >= 3 && start[..3].SequenceEqual<byte>([0x80, 0x02, 0x8A]);

    private static void CheckEntries(string path, ZipArchive archive)
    {
        if (archive.Entries.Any(entry => entry.FullName.Contains("/code/", StringComparison.Ordinal) || entry.Name == "constants.pkl"))
            throw BadFile.Error(path, "is a TorchScript program, not weights alone. Load it with torch.jit.load and give the module to a Classifier.");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in archive.Entries) CheckEntry(path, entry, names);
        var pickles = archive.Entries.Count(entry => entry.Name == "data.pkl");
        if (pickles != 1)
            throw BadFile.Error(path, $"must hold one data.pkl, as torch.save writes it, but holds {pickles}. Is it an archive of something else?");
    }

    private static void CheckEntry(string path, ZipArchiveEntry entry, HashSet<string> names)
    {
        if (!names.Add(entry.FullName)) throw BadFile.Error(path, $"must name each part once, but names '{entry.FullName}' twice. Fetch it again.");
        // Without compression nothing in the file can be larger than the file.
        if (entry.CompressedLength != entry.Length)
            throw BadFile.Error(path, $"must hold its parts without compression, as torch.save writes them, but '{entry.FullName}' is compressed. "
                + "Load it in PyTorch and save it again.");
        var found = Whole(path, () => Sum(entry));
        if (found != entry.Crc32)
            throw BadFile.Error(path, $"must have the checksum {entry.Crc32:x8} in '{entry.FullName}', but has {found:x8}: bytes have changed. "
                + "Fetch it again; if it was saved without checksums (set_crc32_options), save it again with them.");
        if (entry.Name == "byteorder" && Text(entry) is var order && order != "little")
            throw BadFile.Error(path, $"must be little-endian, but is '{order}'. Save it on another machine.");
    }
}
