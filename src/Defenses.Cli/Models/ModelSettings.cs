using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>A saved model, the data to try it on, and how much of it.</summary>
/// <param name="File">The file of the model.</param>
/// <param name="Network">The architecture that weights belong to, by name; null to read it from train.json beside the file.</param>
/// <param name="Channels">Channels of each block of a switching network; null as above.</param>
/// <param name="Images">How many test images.</param>
/// <param name="Run">Data set, seed, folder and threads.</param>
internal sealed record ModelSettings(string File, string? Network, int[]? Channels, int Images, RunSettings Run)
{
    /// <summary>The option that names the file.</summary>
    public string Option { get; init; } = "--model";

    /// <summary>What is said about the images.</summary>
    public DataSettings Data { get; init; } = new();

    /// <summary>What the network expects its input to be normalized by.</summary>
    public Normalization Normalization { get; init; } = Normalization.None;
}
