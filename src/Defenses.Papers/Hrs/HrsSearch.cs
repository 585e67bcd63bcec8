using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>What C&amp;W in L2 achieved against a defense with one confidence: image by image, towards each other class.</summary>
/// <param name="Margin">κ.</param>
/// <param name="Setting">What the attacker saw: one draw a step, or all paths.</param>
/// <param name="Met">Whether the attacker saw the target reached.</param>
/// <param name="Success">The share of fresh draws, or of all paths, in which it is.</param>
/// <param name="Distance">‖x′ − x‖₂, pixels in [0, 1].</param>
internal sealed record HrsSearch(double Margin, string Setting, bool[] Met, double[] Success, double[] Distance)
{
    /// <summary>Classes that an image is driven to.</summary>
    internal const int Targets = 9;

    /// <summary>1 − the success rate; the trials are the images, for their nine targets go together.</summary>
    internal Proportion DefenseRate => ByImage.DefenseRate;

    /// <summary>The success on each image, over its targets.</summary>
    internal SuccessRates ByImage => new([.. Success.Chunk(Targets).Select(one => one.Average())]);

    /// <summary>The share of targets that the attacker thinks reached; the trials are the images.</summary>
    internal Proportion Claimed => new(Met.Count(met => met) / (double)Targets, Met.Length / Targets);

    /// <summary>The mean distance where most fresh draws give the target: per image, then over images. Null where there is none.</summary>
    internal Estimate? FooledDistance => Distance.Zip(Success).Chunk(Targets)
        .Select(image => image.Where(each => each.Second > 0.5).Select(each => each.First).ToArray()).Where(some => some.Length > 0)
            .Select(some => some.Average()).ToArray()
        is { Length: > 0 } means ? SampleMean.StudentT(means) : null;

    /// <summary>The images of all blocks, in their order.</summary>
    internal static HrsSearch Join(IReadOnlyList<HrsSearch> blocks) => blocks[0] with
    {
        Met = [.. blocks.SelectMany(block => block.Met)], Success = [.. blocks.SelectMany(block => block.Success)],
        Distance = [.. blocks.SelectMany(block => block.Distance)],
    };
}
