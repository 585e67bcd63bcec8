using System.Globalization;
using System.Text;

namespace Defenses.Evaluation.Reporting;

/// <summary>The options of an attack in words: "20 steps, 1 restart, random start, loss cross-entropy" for the printed record of a report.</summary>
public static class AttackWords
{
    // The seed is the evaluation's, ε stands with the budgets.
    private static readonly string[] s_toldElsewhere = ["Seed", "Epsilon"];

    /// <summary>The options in words; a text that is no printed record as it is.</summary>
    /// <param name="options">"Pgd { Steps = 20, RandomStart = True }".</param>
    /// <param name="norm">The norm of the evaluation, which is not repeated.</param>
    /// <remarks>Options without a value and options that are off are left out, and so are seed and ε, which stand elsewhere on a page.</remarks>
    public static string Of(string options, string norm)
    {
        Require.NotNull(options, nameof(options));
        Require.NotNull(norm, nameof(norm));
        var (open, close) = (options.IndexOf('{', StringComparison.Ordinal), options.LastIndexOf('}'));
        if (open < 0 || close < open) return options;
        var words = Split(options[(open + 1)..close]).Select(part => Entry(part, norm)).Where(text => text.Length > 0);
        return string.Join(", ", words) + options[(close + 1)..];
    }

    private static string Entry(string part, string norm)
    {
        var at = part.IndexOf('=', StringComparison.Ordinal);
        if (at < 0) return part.Trim();
        var (name, value) = (part[..at].Trim(), part[(at + 1)..].Trim());
        if (value.Length == 0 || s_toldElsewhere.Contains(name) || (name == "Norm" && value == norm)) return "";
        var words = Words(name);
        if (value is "True" or "False") return value == "True" ? words : "";
        if (long.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var count) && words.EndsWith('s'))
            return $"{value} {(count == 1 ? words[..^1] : words)}";
        if (double.TryParse(value, CultureInfo.InvariantCulture, out var number)) value = number.ToString("G4", CultureInfo.InvariantCulture);
        return $"{words} {(value.Contains('{', StringComparison.Ordinal) ? $"({value})" : value)}";
    }

    // "StepSize" → "step size"; abbreviations stay together.
    private static string Words(string name)
    {
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var begins = i > 0 && char.IsUpper(name[i]) && (char.IsLower(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (begins) text.Append(' ');
            text.Append(i + 1 < name.Length && char.IsUpper(name[i + 1]) && (i == 0 || !begins) && char.IsUpper(name[i]) ? name[i]
                : char.ToLowerInvariant(name[i]));
        }
        return text.ToString();
    }

    // At the commas outside of braces and brackets.
    private static IEnumerable<string> Split(string text)
    {
        var (depth, start) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '{' or '[' or '(') depth++;
            if (text[i] is '}' or ']' or ')') depth--;
            if (text[i] != ',' || depth > 0) continue;
            yield return text[start..i];
            start = i + 1;
        }
        yield return text[start..];
    }
}
