namespace Defenses.Pages;

/// <summary>A table of a page.</summary>
public sealed record PageTable
{
    /// <summary>A table.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="rowTitle">What its rows are.</param>
    /// <param name="columns">The names of the columns behind the rows' names.</param>
    /// <param name="rows">The rows.</param>
    /// <exception cref="ArgumentException">A row has not one cell for each column.</exception>
    public PageTable(string title, string rowTitle, IReadOnlyList<string> columns, IReadOnlyList<PageRow> rows)
    {
        (Title, RowTitle, Columns, Rows) = (Require.NotNull(title, nameof(title)), Require.NotNull(rowTitle, nameof(rowTitle)), Require.NotEmpty(columns, nameof(columns)), Require.NotNull(rows, nameof(rows)));
        if (rows.FirstOrDefault(row => row.Cells.Count != columns.Count) is { } wrong)
            throw new ArgumentException($"rows must have one cell for each of the {columns.Count} columns; '{wrong.Name}' has {wrong.Cells.Count}.", nameof(rows));
    }

    /// <summary>What it shows.</summary>
    public string Title { get; }

    /// <summary>What its rows are.</summary>
    public string RowTitle { get; }

    /// <summary>The names of the columns behind the rows' names.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The rows.</summary>
    public IReadOnlyList<PageRow> Rows { get; }

    /// <summary>How to read it, or what to mind; nothing by default.</summary>
    public string? Note { get; init; }

    // One reason for all rows is told once, above the table, and not in each row.
    internal string? CommonWhy => Reasons is [var only] ? $"Why it differs from the paper: {only}" : null;

    internal bool HasWhyColumn => Reasons.Length > 1;

    private string[] Reasons => [.. Rows.Select(row => row.Why).OfType<string>().Distinct()];
}
