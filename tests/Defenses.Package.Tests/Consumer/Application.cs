namespace Defenses.Package.Tests.Consumer;

/// <summary>A fresh application outside the tree, made by README's own commands.</summary>
internal static class Application
{
    /// <summary>Makes the console application NAME in FOLDER/NAME, adds what README's Install adds, and the packages given.</summary>
    public static string Create(string folder, string name, string version, params string[] packages)
    {
        var place = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        Command.Run(place, "dotnet", "new", "console", "--framework", "net10.0");
        foreach (var command in Install().Concat(packages.Select(package => $"dotnet add package {package}")))
        {
            var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Command.Run(place, words[0], Nupkg.Ids.Contains(words[3]) ? [.. words[1..], "--version", version] : words[1..]);
        }

        return place;
    }

    /// <summary>Where packages come from, and README's property, for all applications below the folder.</summary>
    public static void Settle(string folder, string packages)
    {
        File.WriteAllText(Path.Combine(folder, "nuget.config"), Repository.Block("README.md", "Install", "xml", "<packageSources>")
            .Replace("/path/to/defenses/artifacts/packages", packages));
        File.WriteAllText(Path.Combine(folder, "Directory.Build.props"),
            $"<Project>\n{Repository.Block("README.md", "Install", "xml", "LoadTorchOnOlderLinux")}</Project>\n");
        foreach (var name in new[] { "Directory.Build.targets", "Directory.Packages.props" }) File.WriteAllText(Path.Combine(folder, name), "<Project />\n");
    }

    // "dotnet add package TorchSharp-cpu --version 0.107.0      # or …" without the comment.
    private static IEnumerable<string> Install() =>
        Repository.Block("README.md", "Install", "sh").Split('\n').Select(line => line.Split('#')[0].Trim())
            .Where(line => line.StartsWith("dotnet add package ", StringComparison.Ordinal));
}
