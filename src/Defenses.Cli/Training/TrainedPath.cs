using Defenses.Statistics;

namespace Defenses.Cli;

/// <summary>One path of a switching network.</summary>
/// <param name="Path">A channel for each block.</param>
/// <param name="Accuracy">Test images that it recognises.</param>
internal sealed record TrainedPath(IReadOnlyList<int> Path, Proportion Accuracy);
