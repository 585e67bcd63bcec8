using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>Reads what an option names by its path: what is wrong with it is told with the option and the path.</summary>
internal static class PathOption
{
    /// <param name="option">The option: "--model".</param>
    /// <param name="path">What was given.</param>
    /// <param name="read">Reads it.</param>
    /// <exception cref="UserError">It cannot be read.</exception>
    internal static T Read<T>(string option, string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException)
        {
            throw Bad(option, path, error.Message);
        }
    }

    /// <summary>A file, which must be there and hold something.</summary>
    /// <param name="wanted">What to do where there is none: "Train one with 'defenses train', or give another."</param>
    internal static void RequireFile(string option, string path, string wanted)
    {
        if (Directory.Exists(path)) throw new UserError($"{option} must be a file; {path} is a folder. Give a file in it.");
        if (!File.Exists(path)) throw new UserError($"{option}: there is no file {path}. {wanted}");
        if (Read(option, path, () => new FileInfo(path).Length) == 0) throw new UserError($"{option}: the file {path} is empty. {wanted}");
    }

    /// <summary>The error that names both.</summary>
    internal static UserError Bad(string option, string path, string message)
    {
        var line = message.Split('\n')[0].Trim();
        return new UserError(line.Contains(path, StringComparison.Ordinal) ? $"{option}: {line}" : $"{option} {path}: {line}");
    }
}
