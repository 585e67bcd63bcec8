namespace Defenses.Pages;

/// <summary>What our interval says of the number that a paper prints, in words.</summary>
internal static class PaperVerdict
{
    // An interval that is wider than this says little, though it holds the paper's number.
    private const double WidestRate = 0.1, WidestShare = 0.2;

    /// <summary>How the words are meant.</summary>
    internal const string Meaning = "“Confirmed”: it lies in our range, and the range is at most ten points wide (of other numbers at most a fifth of the "
        + "paper's). “Not decided”: it lies in a range that is wider. “Refuted”: it lies outside our range. “Differs”: it lies outside, and a reason is given.";

    /// <summary>The words for a cell: "confirmed", "not decided at this size", "refuted" or "differs"; empty without a paper's number or without our
    /// range.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="hasReason">Whether the page gives a reason for a difference.</param>
    internal static string Of(PageCell cell, bool hasReason)
    {
        if (cell is not { Value: not null, Paper: { } paper, Range: { } range } || cell.RangeText.Length == 0) return "";
        var rounding = Rounding(cell);
        if (paper < range.Lower - rounding || paper > range.Upper + rounding) return hasReason ? "differs" : "refuted";
        var isRate = cell.Unit is NumberUnit.Percent or NumberUnit.Points;
        return range.Width <= (isRate ? WidestRate : WidestShare * Math.Abs(paper)) ? "confirmed" : "not decided at this size";
    }

    // Half of the last digit that a page prints: papers round, too.
    private static double Rounding(PageCell cell) => cell.Unit switch
    {
        NumberUnit.Percent or NumberUnit.Points => 0.5 * Math.Pow(10, -2 - Math.Max(1, cell.Digits)),
        NumberUnit.Decimals => 0.5 * Math.Pow(10, -cell.Digits),
        _ => 0,
    };
}
