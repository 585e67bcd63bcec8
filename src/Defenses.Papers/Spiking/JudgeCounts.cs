using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>A judge's counts on attacked images.</summary>
/// <param name="Met">Decisions for the attacker's target, for each image.</param>
/// <param name="Correct">Decisions for the label.</param>
/// <param name="Draws">Decisions in all.</param>
internal sealed record JudgeCounts(int[] Met, int[] Correct, int Draws)
{
    /// <summary>Whether most decisions on an image are for the target.</summary>
    internal bool IsFooled(int image) => 2 * Met[image] > Draws;

    /// <summary>The share of decisions for the target.</summary>
    internal Proportion Success => new((double)Met.Sum() / Draws, Met.Length);

    /// <summary>The share of decisions for the label.</summary>
    internal Proportion Accuracy => new((double)Correct.Sum() / Draws, Correct.Length);
}
