using Defenses.Zoo;

namespace Defenses.Cli;

/// <summary>What the options say about the images beyond the name and the folder of a data set.</summary>
internal sealed record DataSettings
{
    /// <summary>The file of labels that belongs to a .npy file of images; null for the one beside it.</summary>
    public string? Labels { get; init; }

    /// <summary>The classes by name or number; null for those of the data.</summary>
    public ClassList? Classes { get; init; }

    /// <summary>What is done to each picture of a folder.</summary>
    public PictureOptions Pictures { get; init; } = new();

    /// <summary>What the options for pictures said, by name: refused where the data are no pictures.</summary>
    public IReadOnlyList<string> PictureOptionsGiven { get; init; } = [];
}
