using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>A saved model, the data to try it on, and how much of it.</summary>
/// <param name="File">The file of weights.</param>
/// <param name="Network">Its architecture's name; null to read it from train.json beside the file.</param>
/// <param name="Channels">Channels of each block of a switching network; null as above.</param>
/// <param name="Images">How many test images.</param>
/// <param name="Run">Data set, seed, folder and threads.</param>
internal sealed record ModelSettings(string File, string? Network, int[]? Channels, int Images, RunSettings Run);
