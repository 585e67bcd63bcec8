using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>The folder that a command writes into, for this process alone: what another process writes at the same time would be lost, or mixed with
/// ours.</summary>
/// <remarks>Held for the whole of the command, and left as it was found, but for what the command wrote: folders that it made and that stayed empty
/// go.</remarks>
internal sealed class OutFolder : IDisposable
{
    private const string LockName = ".lock";
    private readonly List<string> _made = [];
    private readonly string? _path;
    private FileLock? _lock;

    private OutFolder(string? path) => _path = string.IsNullOrWhiteSpace(path) ? null : Path.GetFullPath(path);

    /// <summary>Takes a folder; one that cannot be written to is left to the command, which says so in its own words.</summary>
    /// <param name="path">The folder, made if missing; null for none.</param>
    /// <param name="isShared">Whether others that share it may work in it, too: the parts of one evaluation.</param>
    /// <exception cref="UserError">Another process works in it.</exception>
    internal static OutFolder Take(string? path, bool isShared = false)
    {
        var folder = new OutFolder(path);
        try
        {
            folder.Lock(isShared);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Lets others in that share it.</summary>
    internal void Share()
    {
        _lock?.Dispose();
        Lock(isShared: true);
    }

    public void Dispose()
    {
        _lock?.Dispose();
        if (_path is null) return;
        try
        {
            var file = Path.Combine(_path, LockName);
            if (File.Exists(file)) FileLock.Take(file)?.Dispose();   // the last of those that shared it takes the file away
            foreach (var folder in _made.Where(Directory.Exists))
                if (!Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException) { }   // another process came; an empty folder is no harm
    }

    private void Lock(bool isShared)
    {
        for (var tries = 0; _path is not null && tries < 3; tries++)
        {
            try
            {
                Make(_path);
                _lock = FileLock.Take(Path.Combine(_path, LockName), isShared)
                    ?? throw new UserError($"Another command writes into {_path}. Wait for its end, or choose another folder by --out.");
                return;
            }
            catch (DirectoryNotFoundException) { }   // just taken away by another process that ended
            catch (Exception error) when (error is IOException or UnauthorizedAccessException) { return; }
        }
    }

    // The deepest first, as they are taken away.
    private void Make(string path)
    {
        for (var missing = path; missing is not null && !Directory.Exists(missing); missing = Path.GetDirectoryName(missing))
            if (!_made.Contains(missing)) _made.Add(missing);
        Directory.CreateDirectory(path);
    }
}
