using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>What an attack achieved against a defense at one strength.</summary>
/// <param name="Success">For each image the share of its targets and the judge's draws in which the target was reached (untargeted: of draws that
/// were wrong).</param>
internal sealed record SuccessRates(double[] Success)
{
    /// <summary>1 − the success rate; the trials are the images, for their nine targets go together.</summary>
    internal Proportion DefenseRate => PairedShares.Rate(Held);

    private double[] Held => [.. Success.Select(success => 1 - success)];

    /// <summary>How much more one defense holds than another, image by image: own − other.</summary>
    internal static Estimate Gain(SuccessRates own, SuccessRates other) => PairedShares.Difference(own.Held, other.Held);

    /// <summary>Over the same images the mean of several.</summary>
    internal static SuccessRates Mean(IReadOnlyList<SuccessRates> several) => new([.. Over(several).Select(image => image.Average())]);

    /// <summary>For each image the most successful of several.</summary>
    internal static SuccessRates Worst(IReadOnlyList<SuccessRates> several) => new([.. Over(several).Select(image => image.Max())]);

    /// <summary>The images of all blocks, in their order.</summary>
    internal static SuccessRates Join(IReadOnlyList<SuccessRates> blocks) => new([.. blocks.SelectMany(block => block.Success)]);

    private static IEnumerable<double[]> Over(IReadOnlyList<SuccessRates> several) =>
        Enumerable.Range(0, several[0].Success.Length).Select(image => several.Select(each => each.Success[image]).ToArray());
}
