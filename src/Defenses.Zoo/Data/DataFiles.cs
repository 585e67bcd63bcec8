namespace Defenses.Zoo;

/// <summary>Helpers of the readers: find files under their official names, and check labels.</summary>
internal static class DataFiles
{
    /// <summary>The first existing file of the given names, in the folder itself and then in its subfolders of the given names.</summary>
    public static string? TryFind(string folder, IEnumerable<string> subfolders, IReadOnlyList<string> names) =>
        Places(folder, subfolders).SelectMany(place => names.Select(name => Path.Combine(place, name))).FirstOrDefault(File.Exists);

    /// <summary>As <see cref="TryFind"/>, or an exception that lists the searched places and how to get the files.</summary>
    public static string Find(string folder, string[] subfolders, IReadOnlyList<string> names, string set)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"The folder '{folder}' of {set} does not exist.");
        return TryFind(folder, subfolders, names) ?? throw new FileNotFoundException(
            $"{set}: none of {string.Join(", ", names.Select(n => $"'{n}'"))} is in '{folder}' or its subfolders " +
            $"{string.Join(", ", subfolders.Select(s => $"'{s}'"))}. "
            + "Give the folder that holds the files, or fetch them with DownloadAsync.", names[0]);
    }

    /// <summary>Checks one label in every <paramref name="stride"/> bytes, starting with the first.</summary>
    public static void CheckLabels(string path, ReadOnlySpan<byte> data, int stride, int classes)
    {
        for (var i = 0; i < data.Length; i += stride)
        {
            if (data[i] >= classes)
                throw BadFile.Error(path, $"must hold labels of 0 to {classes - 1}, but label {i / stride} is {data[i]}. Fetch the file again.");
        }
    }

    /// <summary>Base addresses to which a file's name can be appended: each ends with a slash.</summary>
    public static IReadOnlyList<Uri> Bases(IReadOnlyList<Uri> mirrors)
    {
        if (mirrors.Count == 0) throw new ArgumentException("mirrors must name at least one address.", nameof(mirrors));
        return [.. mirrors.Select(m => m.AbsoluteUri.EndsWith('/') ? m : new Uri(m.AbsoluteUri + "/"))];
    }

    private static IEnumerable<string> Places(string folder, IEnumerable<string> subfolders) => subfolders.Select(s => Path.Combine(folder, s)).Prepend(folder);
}
