using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Defenses.Tests.Conventions;

/// <summary>Rules that a file's text must keep. Each returns one sentence for each violation.</summary>
internal static partial class SourceRules
{
    /// <summary>
    /// At most one public type that does something in a file, with the public enums, records and delegates of its use; the file (up to its first dot)
    /// is named after it.
    /// </summary>
    public static IEnumerable<string> OnePublicTypePerFile(string path, string text)
    {
        var types = PublicType().Matches(text).ToList();
        var names = types.Select(match => match.Groups["name"].Value).Distinct().ToList();
        var own = Path.GetFileName(path).Split('.')[0];
        if (names.Count > 1 && (!names.Contains(own) || types.Any(match => match.Groups["name"].Value != own && !Part().IsMatch(match.Value))))
        {
            yield return $"{path} holds {names.Count} public types: {string.Join(", ", names)}. Give each its own file.";
        }
        else if (names.Count == 1 && names[0] != own)
        {
            yield return $"{path} holds the public type {names[0]}: name the file after it.";
        }
    }

    /// <summary>The namespace of a file below src/PROJECT is the project's name and the folders below it. Rooms below Evaluation/Checks only sort.</summary>
    public static IEnumerable<string> NamespaceIsFolder(string path, string text)
    {
        var folders = Path.GetDirectoryName(path)!.Replace('\\', '/').Split('/')[1..];
        var expected = string.Join('.', folders is [_, "Evaluation", "Checks", ..] ? folders[..3] : folders);
        var actual = Namespace().Match(text);
        if (actual.Success && actual.Groups["name"].Value != expected)
        {
            yield return $"{path} is in namespace {actual.Groups["name"].Value}; its folder says {expected}.";
        }
    }

    public static IEnumerable<string> NoLongerThan(int limit, string path, string text)
    {
        var lines = text.AsSpan().TrimEnd('\n').Count('\n') + 1;
        if (lines > limit)
        {
            yield return $"{path} has {lines} lines; the limit is {limit}. Split it.";
        }
    }

    /// <summary>Nothing is left unfinished or silenced.</summary>
    public static IEnumerable<string> Finished(string path, string text) =>
        Unfinished().Matches(text).Select(match => $"{path}:{Line(text, match.Index)} says '{match.Value}': finish it, or leave it out.");

    /// <summary>No path of one machine and no host of one network.</summary>
    public static IEnumerable<string> NoMachine(string path, string text) =>
        Machine().Matches(text).Select(match => $"{path}:{Line(text, match.Index)} names a place of one machine or network: '{match.Value}'.");

    /// <summary>Each package version has a comment right before it that says why the package is there.</summary>
    public static IEnumerable<string> PackagesHaveReasons(string text)
    {
        foreach (var package in XDocument.Parse(text).Descendants("PackageVersion"))
        {
            if (package.PreviousNode is not XComment { Value.Length: > 10 })
            {
                yield return $"{package.Attribute("Include")!.Value} has no comment before it that says why it is there.";
            }
        }
    }

    private static int Line(string text, int index) => text.AsSpan(0, index).Count('\n') + 1;

    [GeneratedRegex(@"^public [^(={;]*?\b(?:class|struct|interface|enum|record|delegate(?: \S+)?)\s+(?<name>(?!class\b|struct\b)\w+)", RegexOptions.Multiline)]
    private static partial Regex PublicType();

    [GeneratedRegex(@"\b(?:enum|record|delegate)\b")]
    private static partial Regex Part();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    // Spelled so that this file keeps the rule itself.
    [GeneratedRegex(@"\b(?:TO[D]O|FIX[M]E|HAC[K]|NotImplemented[E]xception)\b|#[p]ragma warning|Skip[ ]*=[ ]*""")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"(?<![\w.~}-])/(?:root|work|home/\w+|Users/\w+)/|\b[A-Za-z]:\\Users\\|https?://(?:localhost|127\.|10\.|192\.168\.)|\b[\w-]+\.(?:internal|corp|lan)\b(?=[/:""'<\s])")]
    private static partial Regex Machine();
}
