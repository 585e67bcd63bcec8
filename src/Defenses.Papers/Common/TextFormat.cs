using System.Globalization;
using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>Numbers in running text: whole percent, for a sentence is no table, and nouns that agree.</summary>
internal static class TextFormat
{
    /// <summary>"37 %"; a dash where there is none.</summary>
    internal static string Percent(Proportion? rate) => rate is null ? "–" : FormattableString.Invariant($"{100 * rate.Rate:0}\u202F%");

    /// <summary>"37 % [31, 44]".</summary>
    internal static string Ranged(Proportion rate) => FormattableString.Invariant($"{Percent(rate)} [{100 * rate.Lower:0}, {100 * rate.Upper:0}]");

    /// <summary>A difference in percentage points, without the word: "19 [14, 25]".</summary>
    internal static string Points(Estimate difference, int digits = 0) =>
        Ranged(new Estimate(100 * difference.Value, 100 * difference.Lower, 100 * difference.Upper), digits);

    /// <summary>A number with its interval: "2.1 [1.9, 2.3]".</summary>
    internal static string Ranged(Estimate number, int digits) =>
        $"{Rounded(number.Value, digits)} [{Rounded(number.Lower, digits)}, {Rounded(number.Upper, digits)}]";

    /// <summary>A setting: at most three decimals.</summary>
    internal static string Text(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>"1 image", "3 images".</summary>
    internal static string Counted(long count, string one, string many) => $"{count} {(count == 1 ? one : many)}";

    /// <summary>With so many digits after the point, a minus sign that no line breaks at, and no negative zero.</summary>
    internal static string Rounded(double value, int digits)
    {
        if (double.IsInfinity(value)) return value > 0 ? "∞" : "\u2212∞";
        var text = value.ToString($"F{digits}", CultureInfo.InvariantCulture);
        return text.Trim('-', '0', '.').Length == 0 ? text.TrimStart('-') : text.Replace('-', '\u2212');
    }
}
