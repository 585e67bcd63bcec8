using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Defenses.Evaluation.Work;

/// <summary>Finished pieces of work, one file each, with a checksum. Without a folder nothing is stored.</summary>
/// <remarks>A file that is incomplete, changed or of another version counts as missing: its piece is computed again.</remarks>
internal sealed class WorkStore : IDisposable
{
    private static readonly JsonSerializerOptions Json =
        new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };
    private readonly string? _folder;
    private readonly FileLock? _lock;

    /// <summary>Opens the folder's subfolder "work" exclusively for this process.</summary>
    /// <exception cref="IOException">The folder cannot be written to, or another process uses it.</exception>
    internal WorkStore(string? folder)
    {
        if (folder is null) return;
        AtomicFile.RequireWritable(folder, nameof(folder));
        _folder = Path.Combine(folder, "work");
        AtomicFile.RequireWritable(_folder, nameof(folder));
        _lock = Lock(folder);
        foreach (var part in Directory.EnumerateFiles(_folder, "*.part")) File.Delete(part);
    }

    /// <summary>The piece of that name, or null.</summary>
    internal T? Read<T>(string name) where T : class
    {
        if (_folder is null || !File.Exists(PathOf(name))) return null;
        var text = File.ReadAllText(PathOf(name));
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        if (end < 0 || text[..end] != Checksum(text[(end + 1)..])) return null;
        try { return JsonSerializer.Deserialize<T>(text[(end + 1)..], Json); }
        catch (JsonException) { return null; }
    }

    /// <summary>Stores a piece atomically.</summary>
    internal void Write<T>(string name, T piece) where T : class
    {
        if (_folder is null) return;
        var text = JsonSerializer.Serialize(piece, Json);
        AtomicFile.Write(PathOf(name), Checksum(text) + "\n" + text);
    }

    /// <summary>Whether there is a file of that name, complete or not.</summary>
    internal bool Has(string name) => _folder is not null && File.Exists(PathOf(name));

    /// <summary>Deletes a piece.</summary>
    internal void Delete(string name)
    {
        if (_folder is not null) File.Delete(PathOf(name));
    }

    public void Dispose() => _lock?.Dispose();

    private string PathOf(string name) => Path.Combine(_folder!, name + ".json");

    private static string Checksum(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private FileLock Lock(string folder) => FileLock.Take(Path.Combine(_folder!, "lock"))
        ?? throw new IOException($"Another process evaluates into '{folder}'. Wait for it, or choose another folder.");
}

/// <summary>The finished work of several folders, each locked for this process.</summary>
internal sealed class WorkStores : IDisposable
{
    private readonly List<WorkStore> _all = [];

    /// <exception cref="IOException">A folder does not exist, or another process uses it.</exception>
    internal WorkStores(IReadOnlyList<string> folders)
    {
        try
        {
            foreach (var folder in folders)
            {
                if (!Directory.Exists(folder))
                    throw new DirectoryNotFoundException($"There is no folder '{folder}' with a shard's work. Give the folders that the shards were run with.");
                _all.Add(new WorkStore(folder));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal IReadOnlyList<WorkStore> All => _all;

    public void Dispose()
    {
        foreach (var store in _all) store.Dispose();
    }
}
