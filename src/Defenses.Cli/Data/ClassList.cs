using System.Globalization;
using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>What --classes says: how many classes there are, or their names in the order in which the network numbers them.</summary>
/// <param name="Count">How many.</param>
/// <param name="Names">Their names; null where only the number was given.</param>
internal sealed record ClassList(int Count, IReadOnlyList<string>? Names)
{
    internal const string Option = "--classes";

    /// <summary>A number ("10"), names with commas between them ("cat,dog"), or a file with a name on each line.</summary>
    /// <exception cref="UserError">It is none of these.</exception>
    internal static ClassList Parse(string text)
    {
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count))
            return count >= 2 ? new ClassList(count, null) : throw new UserError($"{Option} must be at least 2 classes; it is {text}.");
        var names = File.Exists(text) ? PathOption.Read(Option, text, () => File.ReadAllLines(text)) : text.Contains(',') ? text.Split(',') : NoFile(text);
        names = [.. names.Select(name => name.Trim()).Where(name => name.Length > 0)];
        if (names.Length < 2) throw new UserError($"{Option} {text}: there must be at least 2 names of classes; there are {names.Length}.");
        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new UserError($"{Option} {text}: each class must be named once; '{twice.Key}' is named {twice.Count()} times.");
        return new ClassList(names.Length, names);
    }

    private static string[] NoFile(string text) => throw new UserError(
        $"{Option} must be a number, names with commas between them, or a file with a name on each line; '{text}' is none of these"
        + (Directory.Exists(text) ? " but a folder." : ", and there is no such file."));
}
