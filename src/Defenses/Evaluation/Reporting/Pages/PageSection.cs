namespace Defenses.Evaluation.Reporting.Pages;

/// <summary>A section of a page: words, then what was found, tables and figures.</summary>
/// <param name="Title">What it is about; best as a sentence that says what was found.</param>
public sealed record PageSection(string Title)
{
    /// <summary>Paragraphs, plain text.</summary>
    public IReadOnlyList<string> Text { get; init; } = [];

    /// <summary>Tables.</summary>
    public IReadOnlyList<PageTable> Tables { get; init; } = [];

    /// <summary>Figures.</summary>
    public IReadOnlyList<Figure> Figures { get; init; } = [];

    /// <summary>Settings that hold for this section only.</summary>
    public IReadOnlyList<PageEntry> Method { get; init; } = [];
}
