namespace Defenses.Pages;

/// <summary>A row of a table.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="Cells">One cell for each column.</param>
public sealed record PageRow(string Name, IReadOnlyList<PageCell> Cells)
{
    /// <summary>More about the row, in small print below its name; nothing by default.</summary>
    public string? Description { get; init; }

    /// <summary>Why ours differs from the paper's, as far as found; nothing by default. A table with several reasons has a column for them; a single one stands above it.</summary>
    public string? Why { get; init; }
}
