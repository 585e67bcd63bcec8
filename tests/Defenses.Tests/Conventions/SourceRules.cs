using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Defenses.Tests.Conventions;

/// <summary>Rules that a file's text must keep. Each returns one sentence for each violation.</summary>
internal static partial class SourceRules
{
    /// <summary>A file with public types holds one that does something, named like the file (up to its first dot). The others are what belongs to it: enums,
    /// delegates, exceptions, and records without a base.</summary>
    public static IEnumerable<string> OneSubjectPerFile(string path, string text)
    {
        var types = PublicType().Matches(text).DistinctBy(match => match.Groups["name"].Value).ToList();
        var name = Path.GetFileName(path).Split('.')[0];
        var subjects = types.Where(match => match.Groups["name"].Value == name || !Belongs(match)).Select(match => match.Groups["name"].Value).ToList();
        if (subjects.Count > 1)
        {
            yield return $"{path} holds {subjects.Count} public types: {string.Join(", ", subjects)}. Give each its own file.";
        }
        else if (types.Count > 0 && !types.Exists(match => match.Groups["name"].Value == name))
        {
            yield return $"{path} holds the public type {types[0].Groups["name"].Value}: name the file after it.";
        }
    }

    /// <summary>The namespace of a file is its project's name and its first folder; deeper folders only sort. The rooms of Evaluation may have names of
    /// their own (Evaluation.Checks, Evaluation.Reporting).</summary>
    public static IEnumerable<string> NamespaceIsFolder(string path, string text)
    {
        var folders = Path.GetDirectoryName(path)!.Replace('\\', '/')["src/".Length..].Split('/');
        var expected = string.Join('.', folders.Take(2));
        var room = folders.ElementAtOrDefault(1) == "Evaluation" ? string.Join('.', folders.Take(3)) : expected;
        var actual = Namespace().Match(text);
        if (actual.Success && actual.Groups["name"].Value is var name && name != expected && name != room)
        {
            yield return $"{path} is in namespace {name}; its folder says {expected}.";
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

    /// <summary>No line has more characters than the limit.</summary>
    public static IEnumerable<string> NoLineWiderThan(int limit, string path, string text) =>
        text.Split('\n').Select(line => line.TrimEnd('\r')).Index().Where(line => line.Item.Length > limit)
            .Select(line => $"{path}:{line.Index + 1} has {line.Item.Length} columns; the limit is {limit}. Break it.");

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

    private static bool Belongs(Match type) =>
        type.Groups["kind"].Value is "enum" || type.Groups["kind"].Value.StartsWith("delegate", StringComparison.Ordinal)
            || type.Groups["name"].Value.EndsWith("Exception", StringComparison.Ordinal)
        || (type.Groups["kind"].Value == "record" && !type.Groups["rest"].Value.Contains(" : ", StringComparison.Ordinal)
            && !type.Value.Contains("abstract", StringComparison.Ordinal));

    private static int Line(string text, int index) => text.AsSpan(0, index).Count('\n') + 1;

    [GeneratedRegex(
        @"^public [^(={;]*?\b(?<kind>class|interface|enum|record|struct|delegate(?: \S+)?)(?: class| struct)?\s+"
            + @"(?<name>(?!class\b|struct\b)\w+)(?<rest>[^{;]*)",
        RegexOptions.Multiline)]
    private static partial Regex PublicType();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+)", RegexOptions.Multiline)]
    internal static partial Regex Namespace();

    // Spelled so that this file keeps the rule itself.
    [GeneratedRegex(@"\b(?:TO[D]O|FIX[M]E|HAC[K]|NotImplemented[E]xception)\b|#[p]ragma warning|Skip[ ]*=[ ]*""")]
    private static partial Regex Unfinished();

    [GeneratedRegex(
        @"(?<![\w.~}-])/(?:root|work|home/\w+|Users/\w+)/|\b[A-Za-z]:\\Users\\" +
        @"|https?://(?:localhost|127\.|10\.|192\.168\.)|\b[\w-]+\.(?:internal|corp|lan)\b(?=[/:""'<\s])")]
    private static partial Regex Machine();
}
