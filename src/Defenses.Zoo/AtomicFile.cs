namespace Defenses.Zoo;

/// <summary>Writes a file so that its final name only ever holds a whole one.</summary>
internal static class AtomicFile
{
    /// <summary>The name under which a file is written until it is whole.</summary>
    public static string Part(string path) => path + ".part";

    /// <summary>Writes <paramref name="path"/> through a part file, which is moved over it when all is on the disk and deleted otherwise.</summary>
    /// <exception cref="IOException">The folder is missing, full or not writable, or another process writes the same file.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        using var stream = Open(path);
        try
        {
            write(stream);
            Finish(path, stream);
        }
        catch
        {
            Discard(path, stream);
            throw;
        }
    }

    /// <summary>As <see cref="Write"/>; <paramref name="write"/> also decides, by throwing, whether the content may get the final name.</summary>
    public static async Task WriteAsync(string path, Func<FileStream, Task> write)
    {
        var stream = Open(path);
        await using var _ = stream.ConfigureAwait(false);
        try
        {
            await write(stream).ConfigureAwait(false);
            Finish(path, stream);
        }
        catch
        {
            Discard(path, stream);
            throw;
        }
    }

    private static void Finish(string path, FileStream stream)
    {
        stream.Flush(flushToDisk: true);
        stream.Dispose();
        File.Move(Part(path), path, overwrite: true);
    }

    private static FileStream Open(string path)
    {
        if (Directory.Exists(path)) throw new IOException($"'{path}' is a folder; name the file to write.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"The folder '{folder}' does not exist; create it to write '{path}'.");
        return new FileStream(Part(path), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
    }

    private static void Discard(string path, FileStream stream)
    {
        stream.Dispose();
        File.Delete(Part(path));
    }
}
