using System.Text.Json.Serialization;

namespace Defenses.Pages;

/// <summary>A section of a page: text, then tables, figures, images and settings.</summary>
/// <param name="Title">The title, preferably a sentence with the result.</param>
public sealed record PageSection(string Title)
{
    /// <summary>Paragraphs, plain text.</summary>
    public IReadOnlyList<string> Text { get; init; } = [];

    /// <summary>Tables.</summary>
    public IReadOnlyList<PageTable> Tables { get; init; } = [];

    /// <summary>Figures.</summary>
    public IReadOnlyList<Figure> Figures { get; init; } = [];

    /// <summary>Strips of images, such as an input before and after an attack; none by default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PageImages>? Images { get; init; }

    /// <summary>Names with their values: settings that hold for this section only, or results in a word each.</summary>
    public IReadOnlyList<PageEntry> Method { get; init; } = [];

    /// <summary>Sections within this one, folded on a screen and open on paper; none by default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PageSection>? Details { get; init; }

    /// <summary>Whether the section is left out on paper, as long lists of details are; false by default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsScreenOnly { get; init; }

    /// <summary>The relative address of a page with more details: "mvm/protocol.html"; none by default.</summary>
    /// <exception cref="ArgumentException">The address is not relative.</exception>
    public string? Link
    {
        get;
        init => field = value is null || IsRelative(value) ? value
            : throw new ArgumentException($"Link must be an address relative to the page, such as \"mvm/protocol.html\"; it is \"{value}\".", nameof(Link));
    }

    internal static bool IsRelative(string address) =>
        Uri.TryCreate(address, UriKind.Relative, out _) && !address.StartsWith('/') && !address.Contains(':', StringComparison.Ordinal);

    /// <summary>This section and all below it.</summary>
    internal IEnumerable<PageSection> All => [this, .. (Details ?? []).SelectMany(section => section.All)];
}

/// <summary>A strip of images side by side.</summary>
/// <param name="Title">The title.</param>
/// <param name="Images">The images.</param>
/// <param name="Caption">The content of the images.</param>
/// <param name="Note">A note in small print; empty by default.</param>
public sealed record PageImages(string Title, IReadOnlyList<PageImage> Images, string Caption, string Note = "");

/// <summary>A small image. Pixels are bytes, channel by channel, row by row.</summary>
/// <param name="Name">The name below the image: "original".</param>
/// <param name="Channels">1 (grey) or 3 (red, green, blue).</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Pixels">Channels × Height × Width bytes; 0 is black, 255 white or the full color.</param>
public sealed record PageImage(string Name, int Channels, int Height, int Width, byte[] Pixels)
{
    /// <summary>The alternative text, for screen readers; the name by default.</summary>
    public string Description { get; init; } = Name;
}
