using Defenses.Statistics;

namespace Defenses.Pages;

/// <summary>A cell of a table: a number with the range it is known within and, where there is one, the number of a paper; or words.</summary>
public sealed record PageCell
{
    /// <summary>Our number; null where there is none.</summary>
    public double? Value { get; init; }

    /// <summary>The range that our number is known within; none by default.</summary>
    public Interval? Range { get; init; }

    /// <summary>The paper's number, in the unit of ours; none by default.</summary>
    public double? Paper { get; init; }

    /// <summary>Words, in the place of a number or behind it; none by default.</summary>
    public string? Text { get; init; }

    /// <summary>How the numbers are written.</summary>
    public NumberUnit Unit { get; init; }

    /// <summary>Digits behind the point of percentages, points and decimals, 0 to 4; by default 1.</summary>
    public int Digits { get; init => field = Require.Within(value, 0, 4, nameof(Digits)); } = 1;

    /// <summary>A rate, beside the paper's.</summary>
    /// <param name="rate">Ours; null where there is none.</param>
    /// <param name="paper">The paper's, as a fraction; null where there is none.</param>
    /// <param name="digits">Digits behind the point, 0 to 4.</param>
    public static PageCell Of(Proportion? rate, double? paper = null, int digits = 1) =>
        new() { Value = rate?.Rate, Range = rate?.Interval, Paper = paper, Unit = NumberUnit.Percent, Digits = digits };

    /// <summary>A number with its interval, beside the paper's.</summary>
    /// <param name="estimate">Ours; null where there is none.</param>
    /// <param name="paper">The paper's, in the same unit; null where there is none.</param>
    /// <param name="unit">How both are written.</param>
    /// <param name="digits">Digits behind the point of percentages, points and decimals, 0 to 4.</param>
    public static PageCell Of(Estimate? estimate, double? paper = null, NumberUnit unit = NumberUnit.Number, int digits = 1) =>
        new() { Value = estimate?.Value, Range = estimate?.Interval, Paper = paper, Unit = unit, Digits = digits };

    /// <summary>A number without an interval, beside the paper's.</summary>
    /// <param name="value">Ours; null where there is none.</param>
    /// <param name="paper">The paper's, in the same unit; null where there is none.</param>
    /// <param name="unit">How both are written.</param>
    /// <param name="digits">Digits behind the point of percentages, points and decimals, 0 to 4.</param>
    public static PageCell Of(double? value, double? paper = null, NumberUnit unit = NumberUnit.Number, int digits = 1) =>
        new() { Value = value, Paper = paper, Unit = unit, Digits = digits };

    /// <summary>Words.</summary>
    /// <param name="text">The words.</param>
    public static PageCell Of(string text) => new() { Text = Require.NotNull(text, nameof(text)) };

    internal string ValueText => Value is { } value ? NumberFormat.Number(value, Unit, Digits) : Text ?? NumberFormat.None;

    internal string AsideText => Value is null ? "" : Text ?? "";

    internal string RangeText => Value is null || Range is not { } range ? ""
        : double.IsInfinity(range.Lower) && double.IsInfinity(range.Upper) ? "no bounds" : NumberFormat.Range(range, Unit, Digits);

    internal string PaperText => Paper is { } paper ? "paper " + NumberFormat.Number(paper, Unit, Math.Max(Digits, Unit == NumberUnit.Percent ? 1 : 0)) : "";
}
