using System.Text;

namespace Defenses.Evaluation.Work;

/// <summary>Writes a file so that its name only ever holds a whole one, whenever the process or the machine stops.</summary>
internal static class AtomicFile
{
    private const string Part = ".part";

    /// <summary>Writes text (UTF-8) to a part file, forces it to the disk and moves it over the name; on failure the part file goes.</summary>
    internal static void Write(string path, string text)
    {
        var part = path + Part;
        try
        {
            using (var stream = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                stream.Write(Encoding.UTF8.GetBytes(text));
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
