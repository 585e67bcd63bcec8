namespace Defenses.Pages;

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

    /// <summary>The address of a page that has more, beside this one: "mvm/protocol.html"; none by default.</summary>
    /// <exception cref="ArgumentException">The address is not relative.</exception>
    public string? Link
    {
        get;
        init => field = value is null || Uri.TryCreate(value, UriKind.Relative, out _) && !value.StartsWith('/') && !value.Contains(':') ? value
            : throw new ArgumentException($"Link must be an address relative to the page, such as \"mvm/protocol.html\"; it is \"{value}\".", nameof(Link));
    }
}
