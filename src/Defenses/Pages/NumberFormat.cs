using System.Globalization;
using Defenses.Statistics;

namespace Defenses.Pages;

/// <summary>Numbers as text for readers. Independent of the culture of the machine.</summary>
internal static class NumberFormat
{
    /// <summary>The text in place of a missing number.</summary>
    internal const string None = "–";

    internal static string Percent(double rate, int digits = 1) => (100 * rate).ToString("F" + digits, CultureInfo.InvariantCulture) + "\u202F%";

    /// <summary>A number in its unit.</summary>
    internal static string Number(double value, NumberUnit unit, int digits = 1) => unit switch
    {
        _ when !double.IsFinite(value) => double.IsNaN(value) ? None : value > 0 ? "∞" : "\u2212∞",
        NumberUnit.Percent => Percent(value, digits),
        NumberUnit.Points => Signed(100 * value, digits == 0 ? "0" : "0." + new string('0', digits)),
        NumberUnit.Decimals => value.ToString("F" + digits, CultureInfo.InvariantCulture).Replace('-', '\u2212'),
        _ when Math.Abs(value) is > 0 and < 1 => Small(value).Replace('-', '\u2212'),
        _ => Short(value),
    };

    /// <summary>"[31.0, 44.2]" in a unit.</summary>
    internal static string Range(Interval range, NumberUnit unit, int digits = 1) => unit == NumberUnit.Percent
        ? Brackets(100 * range.Lower, 100 * range.Upper, "F" + digits)
        : $"[{Number(range.Lower, unit, digits)}, {Number(range.Upper, unit, digits)}]";

    /// <summary>A round number on an axis.</summary>
    internal static string Tick(double value, NumberUnit unit) => unit switch
    {
        NumberUnit.Percent => $"{(100 * value).ToString("0.##", CultureInfo.InvariantCulture)}\u202F%",
        NumberUnit.Points => (100 * value).ToString("0.##", CultureInfo.InvariantCulture).Replace('-', '\u2212'),
        _ => value.ToString("G4", CultureInfo.InvariantCulture).Replace('-', '\u2212'),
    };

    internal static string Whole(long number) => number.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', '\u202F');

    /// <summary>At most three significant digits.</summary>
    internal static string Short(double value)
    {
        var size = Math.Abs(value);
        return value.ToString(size >= 100 ? "F0" : size >= 10 ? "F1" : "F2", CultureInfo.InvariantCulture).Replace('-', '\u2212');
    }

    /// <summary>"×1.3".</summary>
    internal static string Times(double? ratio) => ratio is { } value ? "×" + value.ToString("F2", CultureInfo.InvariantCulture) : None;

    /// <summary>A p-value, not finer than a thousandth.</summary>
    internal static string Probability(double? p) => p is not { } value ? None : value < 0.001 ? "< 0.001" : value.ToString("F3", CultureInfo.InvariantCulture);

    internal static string Seconds(double seconds) =>
        seconds >= 5400 ? $"{(seconds / 3600).ToString("F1", CultureInfo.InvariantCulture)} hours"
        : seconds >= 90 ? $"{(seconds / 60).ToString("F1", CultureInfo.InvariantCulture)} minutes"
        : $"{seconds.ToString(seconds >= 10 ? "F0" : "0.###", CultureInfo.InvariantCulture)} seconds";

    // Three significant digits, zeros at the end included; as a power of ten below a millionth.
    private static string Small(double value)
    {
        var size = Math.Abs(value);
        return size < 1e-6 ? value.ToString("0.##E+0", CultureInfo.InvariantCulture)
            : value.ToString($"F{Math.Min(8, 2 - (int)Math.Floor(Math.Log10(size)))}", CultureInfo.InvariantCulture);
    }

    private static string Brackets(double lower, double upper, string format) =>
        $"[{lower.ToString(format, CultureInfo.InvariantCulture)}, {upper.ToString(format, CultureInfo.InvariantCulture)}]";

    private static string Signed(double value, string format) =>
        value.ToString($"+{format};\u2212{format};{format}", CultureInfo.InvariantCulture);
}
