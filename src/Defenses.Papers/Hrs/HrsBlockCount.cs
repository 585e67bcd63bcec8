using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>A switching network of some blocks with the same number of channels each, under CW-PGD.</summary>
/// <param name="Blocks">How many.</param>
/// <param name="Paths">All paths.</param>
/// <param name="Accuracy">Without attack.</param>
/// <param name="Published">What the published attack reaches at each strength, in 255ths.</param>
/// <param name="Repaired">With valid steps, at the headline.</param>
/// <param name="Exact">With valid steps on all paths, at the headline.</param>
internal sealed record HrsBlockCount(int Blocks, int Paths, Proportion Accuracy, IReadOnlyDictionary<int, SuccessRates> Published, SuccessRates Repaired,
    SuccessRates Exact);
