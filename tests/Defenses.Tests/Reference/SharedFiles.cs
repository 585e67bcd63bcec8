namespace Defenses.Tests.Reference;

/// <summary>Finds what the tests compare with: files copied into the repository, and those of a folder <c>shared</c> beside it, which may be absent.</summary>
public static class SharedFiles
{
    /// <summary>A file of <c>Reference/Data</c>, which is part of the repository: missing is an error.</summary>
    public static string Copied(string name)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Reference", "Data", name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"'{path}' belongs to the repository, but is missing.", path);
    }

    /// <summary>A file or folder of <c>shared</c>, searched beside the repository and its parents; null when absent.</summary>
    public static string? TryFind(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", name);
            if (Path.Exists(path)) return path;
        }

        return null;
    }

    /// <summary>As <see cref="TryFind"/>, for tests marked with <see cref="SharedFactAttribute"/>, which run only when it is there.</summary>
    public static string Find(string name) => TryFind(name) ?? throw new FileNotFoundException($"'shared/{name}' is missing.", name);
}
