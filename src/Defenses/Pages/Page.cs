using System.Text.Json.Serialization;

namespace Defenses.Pages;

/// <summary>A page of results: pure data that can be kept as JSON, and written as Markdown or as one self-contained HTML file.</summary>
/// <remarks>The HTML needs no scripts and no network, fits any width, follows light and dark, and can be printed. All text is plain and is escaped.</remarks>
public sealed record Page
{
    /// <summary>The subject of the measurement, above the title.</summary>
    public required string Eyebrow { get; init; }

    /// <summary>The title: the main result, in a sentence.</summary>
    public required string Title { get; init; }

    /// <summary>What a reader may rely on, in a sentence or two, emphasized below the title; none by default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SafeToSay { get; init; }

    /// <summary>The origin of the page in small print at its top: the command, the date; none by default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PageEntry>? Origin { get; init; }

    /// <summary>Files with the same numbers, linked at the top, as addresses relative to the page: "report.json"; none by default.</summary>
    /// <exception cref="ArgumentException">An address is not relative.</exception>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Files
    {
        get;
        init => field = value?.FirstOrDefault(file => !PageSection.IsRelative(file)) is { } wrong
            ? throw new ArgumentException($"Files must be addresses relative to the page, such as \"report.json\"; one is \"{wrong}\".", nameof(Files)) : value;
    }

    /// <summary>The sentences below the title.</summary>
    public IReadOnlyList<string> Lead { get; init; } = [];

    /// <summary>A few large numbers below these sentences.</summary>
    public IReadOnlyList<PageEntry> Tiles { get; init; } = [];

    /// <summary>A section above the findings, for content that comes first; none by default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PageSection? Opening { get; init; }

    /// <summary>Reasons to read the numbers with care, and contradictions to the paper.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Terms that the page explains in addition to the terms of the library; a term of the same name replaces the term of the library. None by
    /// default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PageEntry>? Terms { get; init; }

    /// <summary>The confidence of the ranges in brackets, between 0 and 1; by default (null) 0.95.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Confidence { get; init => field = value is { } confidence ? Require.Within(confidence, 0, 1, nameof(Confidence)) : null; }

    /// <summary>The sections.</summary>
    public IReadOnlyList<PageSection> Sections { get; init; } = [];

    /// <summary>The method of the measurement.</summary>
    public IReadOnlyList<PageEntry> Method { get; init; } = [];

    /// <summary>The page as one self-contained HTML file.</summary>
    public string ToHtml() => new PageHtml(this).Write();

    /// <summary>The page as Markdown: text and tables; figures as lists of their numbers.</summary>
    public string ToMarkdown() => new PageMarkdown(this).Write();
}

/// <summary>A name with its value: a setting of a measurement, a result in a word, or one of the few large numbers at the top of a page.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value.</param>
/// <param name="Note">A note in small print; empty by default.</param>
public sealed record PageEntry(string Name, string Value, string Note = "")
{
    /// <summary>A short verdict before the value; none by default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PageBadge? Badge { get; init; }
}

/// <summary>A short verdict in a colored field: "suspicious numbers". The color repeats the meaning of the text.</summary>
/// <param name="Text">The verdict.</param>
/// <param name="Severity">Grey for a note, yellow for a warning, red for what is invalid.</param>
public sealed record PageBadge(string Text, Severity Severity = Severity.Note);
