using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Defenses.Tests.Conventions;
using Defenses.Tests.Pages;

namespace Defenses.Tests.Evaluation.Reporting;

/// <summary>Text that is kept in the repository, so that a change of what a page says is a change that a reviewer sees.</summary>
internal static partial class GoldenFile
{
    /// <summary>The environment variable that has the files written instead of compared.</summary>
    internal const string Accept = "DEFENSES_ACCEPT_GOLDEN";

    private const string Folder = "tests/Defenses.Tests/Evaluation/Reporting/Golden";

    /// <summary>Compares a text with the golden file of this name, or writes the file where <see cref="Accept"/> is set to 1.</summary>
    internal static void Check(string name, string text)
    {
        var path = Path.Combine(Repository.Root, Folder, name);
        if (Environment.GetEnvironmentVariable(Accept) == "1") File.WriteAllText(path, text);
        File.Exists(path).Should().BeTrue($"{Folder}/{name} is part of the repository; {Accept}=1 writes it");
        Difference(File.ReadAllText(path), text).Should().BeEmpty(
            $"{Folder}/{name} holds what is written. Where the change is meant, run the tests with {Accept}=1 and commit the file");
    }

    /// <summary>The first line in which two texts differ, with its number; empty where they are the same.</summary>
    internal static string Difference(string golden, string text)
    {
        var (before, now) = (golden.Split('\n'), text.Split('\n'));
        for (var i = 0; i < Math.Max(before.Length, now.Length); i++)
            if (Line(before, i) != Line(now, i)) return $"line {i + 1} was\n  {Line(before, i)}\nand is\n  {Line(now, i)}";
        return "";
    }

    /// <summary>HTML with a line for each element, and pictures by a digest of their pixels: packed bytes differ between versions of the runtime.</summary>
    internal static string Html(string page) => Picture().Replace(Element().Replace(page, "\n$0").Replace("\n\n", "\n", StringComparison.Ordinal),
        match => $"data:image/png;pixels,{Convert.ToHexStringLower(SHA256.HashData(PngFile.Pixels(Convert.FromBase64String(match.Groups[1].Value))))[..16]}");

    /// <summary>JSON or CSV with numbers of twelve digits: the last digits differ between mathematics libraries.</summary>
    internal static string Json(string text) => Number()
        .Replace(text, match => double.Parse(match.Value, CultureInfo.InvariantCulture).ToString("G12", CultureInfo.InvariantCulture));

    // Elements that stand inside a sentence stay in its line.
    [GeneratedRegex(@"<(?!/|b>|i>|br>|a\b|small|img|title|span(?! class=""(?:key|picture)))\w")]
    private static partial Regex Element();

    [GeneratedRegex("data:image/png;base64,([A-Za-z0-9+/=]+)")]
    private static partial Regex Picture();

    [GeneratedRegex(@"(?<=[ \[,])-?\d+\.\d{12,}(?:E[-+]\d+)?(?=[,\s])")]
    private static partial Regex Number();

    private static string Line(string[] lines, int number) => number < lines.Length ? lines[number] : "(no line)";
}
