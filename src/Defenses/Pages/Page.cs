namespace Defenses.Pages;

/// <summary>A page of results: pure data that can be kept as JSON, and written as Markdown or as one self-contained HTML file.</summary>
/// <remarks>The HTML needs no scripts and no network, fits any width, follows light and dark, and can be printed. All text is plain and is escaped.</remarks>
public sealed record Page
{
    /// <summary>What was measured, above the title.</summary>
    public required string Eyebrow { get; init; }

    /// <summary>What was found, in a sentence.</summary>
    public required string Title { get; init; }

    /// <summary>The sentences below it.</summary>
    public IReadOnlyList<string> Lead { get; init; } = [];

    /// <summary>A few large numbers below those.</summary>
    public IReadOnlyList<PageEntry> Tiles { get; init; } = [];

    /// <summary>Reasons to read the numbers with care, and what contradicts the paper.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>The sections.</summary>
    public IReadOnlyList<PageSection> Sections { get; init; } = [];

    /// <summary>How it was measured.</summary>
    public IReadOnlyList<PageEntry> Method { get; init; } = [];

    /// <summary>The page as one self-contained HTML file.</summary>
    public string ToHtml() => new PageHtml(this).Write();

    /// <summary>The page as Markdown: words and tables; figures as the numbers they are drawn from.</summary>
    public string ToMarkdown() => new PageMarkdown(this).Write();
}

/// <summary>A name with its value: a setting of a measurement, or one of the few large numbers at the top of a page.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">What it amounts to.</param>
/// <param name="Note">A word more, in small print; nothing by default.</param>
public sealed record PageEntry(string Name, string Value, string Note = "");
