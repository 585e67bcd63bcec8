using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>What an attack achieved against a defense at one strength.</summary>
/// <param name="Success">For each image the share of its targets and the judge's draws in which the target was reached (untargeted: of draws that
/// were wrong).</param>
internal sealed record SuccessRates(double[] Success)
{
    /// <summary>1 − the success rate; the trials are the images, for their nine targets go together.</summary>
    internal Proportion DefenseRate => new(Math.Clamp(Success.Sum(success => 1 - success), 0, Success.Length), Success.Length);

    /// <summary>The images of all blocks, in their order.</summary>
    internal static SuccessRates Join(IReadOnlyList<SuccessRates> blocks) => new([.. blocks.SelectMany(block => block.Success)]);
}
