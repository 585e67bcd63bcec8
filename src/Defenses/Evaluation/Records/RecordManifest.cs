using System.Security.Cryptography;
using System.Text.Json;
using Defenses.Evaluation.Reporting;

namespace Defenses.Evaluation;

/// <summary>The size and the SHA-256 of each file of a record, in manifest.json.</summary>
internal sealed record RecordManifest
{
    internal const string FileName = "manifest.json", CurrentSchema = "defenses.manifest/1";

    public string Schema { get; init; } = CurrentSchema;

    public required IReadOnlyList<RecordFile> Files { get; init; }

    /// <summary>Writes the manifest of the files that are there.</summary>
    internal static void Write(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), VersionedJson.Write(new RecordManifest
    {
        Files = [.. Present(folder).Select(name => new RecordFile(name, new FileInfo(Path.Combine(folder, name)).Length, Hash(Path.Combine(folder, name))))],
    }));

    /// <summary>The SHA-256 of the manifest, which names the whole record; null where there is no manifest.</summary>
    internal static string? IdOf(string folder) => Path.Combine(folder, FileName) is var path && File.Exists(path) ? Hash(path) : null;

    /// <summary>A sentence for each file that is changed, missing or not listed; none for a whole record.</summary>
    internal static IEnumerable<string> Differences(string folder)
    {
        RecordManifest manifest;
        try
        {
            manifest = VersionedJson.Read<RecordManifest>(File.ReadAllText(Path.Combine(folder, FileName)), CurrentSchema, "manifest",
                "Use the version that wrote it.");
        }
        catch (Exception error) when (error is InvalidDataException or FileNotFoundException or JsonException)
        {
            return [$"{FileName} cannot be read: {error.Message}"];
        }
        var present = Present(folder).ToHashSet(StringComparer.Ordinal);
        var listed = manifest.Files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. manifest.Files.Where(file => !present.Contains(file.Path)).Select(file => $"{file.Path} is missing"),
            .. manifest.Files.Where(file => present.Contains(file.Path) && Hash(Path.Combine(folder, file.Path)) != file.Sha256)
                .Select(file => $"{file.Path} was changed after the record was made"),
            .. present.Where(name => !listed.Contains(name)).Select(name => $"{name} is not listed in {FileName}"),
        ];
    }

    private static IEnumerable<string> Present(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'))
            .Where(name => name != FileName && !Path.GetFileName(name).StartsWith('.')).Order(StringComparer.Ordinal);

    private static string Hash(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}

/// <summary>A file of a record.</summary>
internal sealed record RecordFile(string Path, long Bytes, string Sha256);
