using System.Text;

namespace Defenses;

/// <summary>Writes files atomically: the final name always holds a complete file, even if the process or the machine stops.</summary>
/// <remarks>Content goes into a part file beside the target, is forced to the disk, and is moved over the target. After
/// an exception the part file is deleted and the target is unchanged.</remarks>
public static class AtomicFile
{
    /// <summary>The name of a file while it is written: the path with ".part" at its end.</summary>
    /// <param name="path">The file's final name.</param>
    public static string Part(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return path + ".part";
    }

    /// <summary>Writes a file completely or not at all; missing folders are created.</summary>
    /// <param name="path">The file's final name.</param>
    /// <param name="write">Writes the content. If it throws, the final name is not written.</param>
    /// <exception cref="IOException">The disk is full, or another process writes the same file.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not writable, or the name is a folder's.</exception>
    public static void Write(string path, Action<FileStream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
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

    /// <summary>Writes a text in UTF-8 completely or not at all; missing folders are created.</summary>
    /// <param name="path">The file's final name.</param>
    /// <param name="text">The content.</param>
    /// <inheritdoc cref="Write(string, Action{FileStream})" path="/exception"/>
    public static void Write(string path, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Writes a file by asynchronous work, such as a download, completely or not at all; missing folders are created.</summary>
    /// <param name="path">The file's final name.</param>
    /// <param name="write">Writes the content. If it throws, the final name is not written.</param>
    /// <inheritdoc cref="Write(string, Action{FileStream})" path="/exception"/>
    public static async Task WriteAsync(string path, Func<FileStream, Task> write)
    {
        ArgumentNullException.ThrowIfNull(write);
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

    /// <summary>Writes several files of a folder: all of them or, on a full disk, none; missing folders are created.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="files">The name and the content of each; the function writes the content to the path that it is given.</param>
    /// <inheritdoc cref="Write(string, Action{FileStream})" path="/exception"/>
    public static void WriteAll(string folder, params IReadOnlyList<(string Name, Action<string> Write)> files)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
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

    /// <summary>Writes several texts of a folder in UTF-8: all of them or, on a full disk, none; missing folders are created.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="files">Name and text of each.</param>
    /// <inheritdoc cref="Write(string, Action{FileStream})" path="/exception"/>
    public static void WriteAll(string folder, params IReadOnlyList<(string Name, string Text)> files) =>
        WriteAll(folder, [.. files.Select(file => (file.Name, (Action<string>)(path => Write(path, file.Text))))]);

    /// <summary>Creates a folder if it is missing, and checks that files can be written there, before any work is done.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The parameter or option that names the folder, for the message.</param>
    /// <exception cref="IOException">Files cannot be written there.</exception>
    public static void RequireWritable(string folder, string name)
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

    private static FileStream Open(string path)
    {
        var part = Part(path);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return new FileStream(part, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
    }

    private static void Finish(string path, FileStream stream)
    {
        stream.Flush(flushToDisk: true);
        stream.Dispose();
        File.Move(Part(path), path, overwrite: true);
    }

    private static void Discard(string path, FileStream stream)
    {
        stream.Dispose();
        File.Delete(Part(path));
    }
}
