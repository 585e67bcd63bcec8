using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>A switching network of some blocks with the same number of channels each, under CW-PGD at the headline.</summary>
/// <param name="Blocks">How many.</param>
/// <param name="Paths">All paths.</param>
/// <param name="Accuracy">Without attack.</param>
/// <param name="Published">Defense rate under the published attack.</param>
/// <param name="Repaired">Under valid steps.</param>
/// <param name="Exact">Under valid steps on all paths.</param>
internal sealed record HrsBlockCount(int Blocks, int Paths, Proportion Accuracy, Proportion Published, Proportion Repaired, Proportion Exact);
