using System.Text.RegularExpressions;

namespace Defenses.Package.Tests;

/// <summary>The tree that these tests were built from.</summary>
internal static partial class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Whether the tree is a clone: only then is there a commit that a package can name.</summary>
    public static bool IsClone => Path.Exists(At(".git"));

    public static string At(string path) => Path.Combine(Root, path);

    public static string Read(string path) => File.ReadAllText(At(path)).ReplaceLineEndings("\n");

    /// <summary>The first block of a language below a heading of a Markdown page, or the first that holds a text.</summary>
    public static string Block(string page, string heading, string language, string holding = "")
    {
        var text = Read(page);
        var from = text.IndexOf($"\n## {heading}\n", StringComparison.Ordinal);
        if (from < 0) throw new InvalidDataException($"{page} has no heading '{heading}'.");
        var block = Fence().Matches(text, from).FirstOrDefault(match => match.Groups["language"].Value == language && match.Value.Contains(holding));
        return block?.Groups["text"].Value ?? throw new InvalidDataException($"{page} has no ```{language} {holding} below '{heading}'.");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Defenses.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No folder above '{AppContext.BaseDirectory}' holds Defenses.sln: run the tests from inside the repository.");
    }

    [GeneratedRegex(@"^```(?<language>\w+)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
