namespace Defenses.Zoo;

/// <summary>Finds the classes and pictures of an <see cref="ImageFolder"/>.</summary>
internal static class ImageFolderListing
{
    private const int MostNamed = 10;

    private static readonly EnumerationOptions AllLevels = new()
    {
        RecurseSubdirectories = true, MaxRecursionDepth = 16, AttributesToSkip = FileAttributes.System,
    };

    public static (IReadOnlyList<string> ClassNames, PictureEntry[] Files) Read(string folder, IReadOnlyList<string>? wanted)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"The folder '{folder}' does not exist. Give the one that holds a folder for each class.");
        var names = Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)!).Where(IsVisible).Order(StringComparer.Ordinal).ToArray();
        if (names.Length == 0)
            throw BadFile.Error(folder, "must hold a folder for each class, but holds no folder. Sort the pictures into one for each class.");
        if (Directory.EnumerateFiles(folder).FirstOrDefault(PictureDecoder.IsPicture) is { } stray)
            throw BadFile.Error(stray, "lies beside the folders of the classes. Move it into the folder of its class.");
        var classes = Classes(folder, names, wanted);
        var (files, faults) = (new List<PictureEntry>(), new List<string>());
        foreach (var name in names) AddClass(folder, name, classes.IndexOf(name), files, faults);
        Demand(folder, faults);
        return (classes, [.. files.OrderBy(file => file.Label)]);
    }

    /// <summary>One error for all faults.</summary>
    public static void Demand(string folder, List<string> faults)
    {
        if (faults.Count == 0) return;
        throw BadFile.Error(folder, $"has {faults.Count} file(s) that cannot be used: {string.Join(" ", faults.Take(MostNamed))}"
            + (faults.Count > MostNamed ? $" And {faults.Count - MostNamed} more." : ""));
    }

    private static List<string> Classes(string folder, string[] names, IReadOnlyList<string>? wanted)
    {
        if (wanted is null) return [.. names];
        if (wanted.Distinct(StringComparer.Ordinal).Count() != wanted.Count)
            throw new ArgumentException("classNames must name each class once, but name one twice.", nameof(wanted));
        if (names.FirstOrDefault(name => !wanted.Contains(name)) is { } unknown)
        {
            var known = string.Join(", ", wanted.Take(MostNamed)) + (wanted.Count > MostNamed ? ", …" : "");
            throw BadFile.Error(folder, $"must hold folders with the names of classes, but '{unknown}' is not one of: {known}. "
                + "Give all class names, or rename the folder.");
        }

        return [.. wanted];
    }

    private static void AddClass(string folder, string name, long label, List<PictureEntry> files, List<string> faults)
    {
        var before = files.Count + faults.Count;
        var paths = Directory.EnumerateFiles(Path.Combine(folder, name), "*", AllLevels)
            .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/')).Where(path => IsVisible(Path.GetFileName(path)))
            .OrderBy(path => path[..path.LastIndexOf('/')], StringComparer.Ordinal).ThenBy(path => path, StringComparer.Ordinal);
        foreach (var path in paths)
        {
            var full = Path.Combine(folder, path);
            if (PictureDecoder.IsOtherPicture(path)) faults.Add($"'{path}' must be PNG or JPEG. Convert it.");
            else if (!PictureDecoder.IsPicture(path)) continue;
            else if (PictureDecoder.Fault(full) is { } fault) faults.Add($"'{path}' {fault}");
            else files.Add(new PictureEntry(path, label, new FileInfo(full).Length));
        }

        if (files.Count + faults.Count == before) faults.Add($"'{name}' must hold a PNG or JPEG picture, but holds none. Fill it, or delete it.");
    }

    private static bool IsVisible(string name) => !name.StartsWith('.');
}
