using System.Text.Json.Serialization;
using Defenses.Statistics;

namespace Defenses.Pages;

/// <summary>A table of a page.</summary>
public sealed record PageTable
{
    /// <summary>A table.</summary>
    /// <param name="title">The title.</param>
    /// <param name="rowTitle">The title of the rows.</param>
    /// <param name="columns">The names of the columns, without the column of row names.</param>
    /// <param name="rows">The rows.</param>
    /// <exception cref="ArgumentException">The number of cells of a row is not the number of columns.</exception>
    public PageTable(string title, string rowTitle, IReadOnlyList<string> columns, IReadOnlyList<PageRow> rows)
    {
        (Title, RowTitle) = (Require.NotNull(title, nameof(title)), Require.NotNull(rowTitle, nameof(rowTitle)));
        (Columns, Rows) = (Require.NotEmpty(columns, nameof(columns)), Require.NotNull(rows, nameof(rows)));
        if (rows.FirstOrDefault(row => row.Cells.Count != columns.Count) is { } wrong)
            throw new ArgumentException(
                $"rows must have one cell for each of the {columns.Count} columns; '{wrong.Name}' has {wrong.Cells.Count}.", nameof(rows));
    }

    /// <summary>The title.</summary>
    public string Title { get; }

    /// <summary>The title of the rows.</summary>
    public string RowTitle { get; }

    /// <summary>The names of the columns, without the column of row names.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The rows.</summary>
    public IReadOnlyList<PageRow> Rows { get; }

    /// <summary>A note on how to read the table; none by default.</summary>
    public string? Note { get; init; }

    /// <summary>For each column a few words in small print below its name; none by default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? ColumnNotes { get; init => field = ForEachColumn(value, nameof(ColumnNotes)); }

    /// <summary>For each column the name of its group above it, or null; none by default. A table with groups is compact: it
    /// scrolls sideways where it is too wide.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string?>? Groups { get; init => field = ForEachColumn(value, nameof(Groups)); }

    /// <summary>Whether cells with a percentage are tinted by it, from 0 to 100 %: the darker, the higher. False by default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsTinted { get; init; }

    /// <summary>Whether a reader can sort the rows by each column, where the browser runs scripts. False by default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsSortable { get; init; }

    // A reason that holds for all rows is stated once, above the table.
    internal string? CommonWhy => Reasons is [var only] ? $"Why it differs from the paper: {only}" : null;

    internal bool HasWhyColumn => Reasons.Length > 1;

    /// <summary>The name of a column with its group, where it has one.</summary>
    internal string FullName(int column) => Groups?[column] is { } group ? $"{group}, {Columns[column]}" : Columns[column];

    private IReadOnlyList<T>? ForEachColumn<T>(IReadOnlyList<T>? values, string name) => values is null || values.Count == Columns.Count ? values
        : throw new ArgumentException($"{name} must have one entry for each of the {Columns.Count} columns; it has {values.Count}.", name);

    private string[] Reasons => [.. Rows.Select(row => row.Why).OfType<string>().Distinct()];
}

/// <summary>A row of a table.</summary>
/// <param name="Name">The name of the row.</param>
/// <param name="Cells">One cell for each column.</param>
public sealed record PageRow(string Name, IReadOnlyList<PageCell> Cells)
{
    /// <summary>More about the row, in small print below its name; nothing by default.</summary>
    public string? Description { get; init; }

    /// <summary>The number of the color and mark of the row's subject in the figures; the mark stands before the name. None by default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Color { get; init => field = value is { } color ? Require.AtLeast(color, 0, nameof(Color)) : null; }

    /// <summary>A short verdict on the row, below its name; none by default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PageBadge? Badge { get; init; }

    /// <summary>The relative address of a page about the row: "entries/hrs.html"; none by default.</summary>
    /// <exception cref="ArgumentException">The address is not relative.</exception>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Link
    {
        get;
        init => field = value is null || PageSection.IsRelative(value) ? value
            : throw new ArgumentException($"Link must be an address relative to the page, such as \"entries/hrs.html\"; it is \"{value}\".", nameof(Link));
    }

    /// <summary>The reason why our number differs from the paper's, as far as known; none by default. A table with several reasons has a column for them; a
    /// single reason stands above the table.</summary>
    public string? Why { get; init; }
}

/// <summary>A cell of a table: a number with its interval and, optionally, the number of a paper; or text.</summary>
public sealed record PageCell
{
    /// <summary>Our number; null where there is none.</summary>
    public double? Value { get; init; }

    /// <summary>The interval of our number; none by default.</summary>
    public Interval? Range { get; init; }

    /// <summary>The paper's number, in the unit of ours; none by default.</summary>
    public double? Paper { get; init; }

    /// <summary>Text, instead of a number or after it; none by default.</summary>
    public string? Text { get; init; }

    /// <summary>The format of the numbers.</summary>
    public NumberUnit Unit { get; init; }

    /// <summary>Digits after the decimal point of percentages, points and decimals, 0 to 4; by default 1.</summary>
    public int Digits { get; init => field = Require.Within(value, 0, 4, nameof(Digits)); } = 1;

    /// <summary>Whether a bar below a rate shows it with its range, between 0 and 100 %; false by default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool HasBar { get; init; }

    /// <summary>A rate, beside the paper's.</summary>
    /// <param name="rate">Our rate; null for none.</param>
    /// <param name="paper">The paper's rate, as a fraction; null for none.</param>
    /// <param name="digits">Digits after the decimal point, 0 to 4.</param>
    public static PageCell Of(Proportion? rate, double? paper = null, int digits = 1) =>
        new() { Value = rate?.Rate, Range = rate?.Interval, Paper = paper, Unit = NumberUnit.Percent, Digits = digits };

    /// <summary>A number with its interval, beside the paper's.</summary>
    /// <param name="estimate">Our number; null for none.</param>
    /// <param name="paper">The paper's number, in the same unit; null for none.</param>
    /// <param name="unit">The format of both numbers.</param>
    /// <param name="digits">Digits after the decimal point of percentages, points and decimals, 0 to 4.</param>
    public static PageCell Of(Estimate? estimate, double? paper = null, NumberUnit unit = NumberUnit.Number, int digits = 1) =>
        new() { Value = estimate?.Value, Range = estimate?.Interval, Paper = paper, Unit = unit, Digits = digits };

    /// <summary>A number without an interval, beside the paper's.</summary>
    /// <param name="value">Our number; null for none.</param>
    /// <param name="paper">The paper's number, in the same unit; null for none.</param>
    /// <param name="unit">The format of both numbers.</param>
    /// <param name="digits">Digits after the decimal point of percentages, points and decimals, 0 to 4.</param>
    public static PageCell Of(double? value, double? paper = null, NumberUnit unit = NumberUnit.Number, int digits = 1) =>
        new() { Value = value, Paper = paper, Unit = unit, Digits = digits };

    /// <summary>Text.</summary>
    /// <param name="text">The text.</param>
    public static PageCell Of(string text) => new() { Text = Require.NotNull(text, nameof(text)) };

    internal string ValueText => Value is { } value ? NumberFormat.Number(value, Unit, Digits) : Text ?? NumberFormat.None;

    internal string AsideText => Value is null ? "" : Text ?? "";

    internal string RangeText => Value is null || Range is not { } range ? ""
        : double.IsInfinity(range.Lower) && double.IsInfinity(range.Upper) ? "no bounds" : NumberFormat.Range(range, Unit, Digits);

    /// <summary>The paper's number, and what our range says of it.</summary>
    /// <param name="hasReason">Whether the page gives a reason for a difference.</param>
    internal string PaperText(bool hasReason) => Paper is not { } paper ? ""
        : "paper " + NumberFormat.Number(paper, Unit, Math.Max(Digits, Unit == NumberUnit.Percent ? 1 : 0))
            + (PaperVerdict.Of(this, hasReason) is { Length: > 0 } verdict ? $": {verdict}" : "");
}

/// <summary>The format of a number on a page.</summary>
public enum NumberUnit
{
    /// <summary>As it is, with three significant digits: "12.3".</summary>
    Number,

    /// <summary>A fraction, written as a percentage: 0.123 is "12.3 %".</summary>
    Percent,

    /// <summary>A difference of fractions, written in percentage points with its sign: 0.123 is "+12.3".</summary>
    Points,

    /// <summary>As it is, with a fixed number of digits after the decimal point: "0.978".</summary>
    Decimals,
}
