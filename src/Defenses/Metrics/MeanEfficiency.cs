using Defenses.Statistics;

namespace Defenses.Metrics;

/// <summary>The mean defense efficiency score over those strengths of a defense whose defense rate lies in a common range.</summary>
/// <param name="Value">The mean of the scores; null where no strength lies in the range, or a score is not defined.</param>
/// <param name="Range">The interval of the mean; null where the data allow any score (see <see cref="EfficiencyScore.Range"/>).</param>
/// <param name="Scores">The scores of the strengths in the range, with their parts; each part at a confidence so high that all hold together.</param>
/// <param name="Strengths">Those strengths.</param>
/// <param name="LeftOut">The number of strengths outside of the range.</param>
public sealed record MeanEfficiency(
    double? Value, Interval? Range, IReadOnlyList<EfficiencyScore> Scores, IReadOnlyList<double> Strengths, int LeftOut);
