namespace Defenses.Zoo;

/// <summary>Checks the name of a file to write before any work is done.</summary>
internal static class TargetFile
{
    /// <exception cref="DirectoryNotFoundException">The folder does not exist: a mistyped path makes no folders.</exception>
    /// <exception cref="IOException">The name is that of a folder.</exception>
    public static void Check(string path)
    {
        if (Directory.Exists(path)) throw new IOException($"'{path}' is a folder; name the file to write.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"The folder '{folder}' does not exist; create it to write '{path}'.");
    }
}
