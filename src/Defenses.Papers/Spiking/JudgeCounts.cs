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

    /// <summary>The share of decisions on an image that are for the target.</summary>
    internal double Share(int image) => (double)Met[image] / Draws;

    /// <summary>The share of decisions for the target.</summary>
    internal Proportion Success => new((double)Met.Sum() / Draws, Met.Length);

    /// <summary>How much more often the target is reached here than in another judgement, image by image.</summary>
    internal Estimate More(JudgeCounts other) => PairedShares.Difference(Shares, other.Shares);

    /// <summary>The share of decisions for the label.</summary>
    internal Proportion Accuracy => new((double)Correct.Sum() / Draws, Correct.Length);

    private double[] Shares => [.. Enumerable.Range(0, Met.Length).Select(Share)];
}
