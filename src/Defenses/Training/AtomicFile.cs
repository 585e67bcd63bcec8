namespace Defenses.Training;

/// <summary>Writes a file so that its final name only ever holds a whole one, whenever the process or the machine dies.</summary>
internal static class AtomicFile
{
    /// <summary>The name under which a file is written until it is whole.</summary>
    internal static string Part(string path) => path + ".part";

    /// <summary>Writes a part file, forces it to the disk, and moves it over <paramref name="path"/>; missing folders are made.</summary>
    /// <exception cref="IOException">The folder is full, or another process writes the same file.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not writable.</exception>
    internal static void Write(string path, Action<FileStream> write)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var part = Part(path);
        var stream = new FileStream(part, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        try
        {
            using (stream)
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(part, path, overwrite: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }
}
