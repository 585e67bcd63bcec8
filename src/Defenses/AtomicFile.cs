using System.Text;

namespace Defenses;

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

    /// <summary>Writes text in UTF-8, as above.</summary>
    internal static void Write(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Writes several files of a folder: all of them or, on a full disk, none; missing folders are made.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="files">Name and content of each: what is handed a path writes there.</param>
    internal static void WriteAll(string folder, params IReadOnlyList<(string Name, Action<string> Write)> files)
    {
        var parts = files.Select(file => Part(Path.Combine(folder, file.Name))).ToArray();
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var (file, part) in files.Zip(parts)) file.Write(part);
            foreach (var (file, part) in files.Zip(parts)) File.Move(part, Path.Combine(folder, file.Name), overwrite: true);
        }
        catch
        {
            foreach (var part in parts.Where(File.Exists)) File.Delete(part);
            throw;
        }
    }

    /// <summary>The same with texts.</summary>
    internal static void WriteAll(string folder, params IReadOnlyList<(string Name, string Text)> files) =>
        WriteAll(folder, [.. files.Select(file => (file.Name, (Action<string>)(path => Write(path, file.Text))))]);

    /// <summary>Makes the folder if it is missing, and tries whether files can be written there, before any work is done for it.</summary>
    /// <exception cref="IOException">They cannot.</exception>
    internal static void RequireWritable(string folder, string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder, name);
        try
        {
            Directory.CreateDirectory(folder);
            var trial = Path.Combine(folder, $".trial-{Environment.ProcessId}");
            Write(trial, "");
            File.Delete(trial);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new IOException($"{name} must be a folder that can be written to; '{folder}' is not: {error.Message} Choose another one.", error);
        }
    }
}
