using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>Every attack that searches small changes against the envelope of all of them, on a small set of models.</summary>
internal sealed class OptimalityProtocol : IProtocol
{
    public string Name => "optimality";

    public string Paper => OptimalityPage.Paper;

    public string Reproduces =>
        "local and global optimality of the attacks that search the smallest change, in L0, L1, L2 and L∞, on a standard network, one with adversarial "
            + "training and a random one";

    public IReadOnlyList<string> DataSets => ["mnist", "fashion-mnist", "cifar10"];

    public string Sizes(string preset, string dataSet, int? images) => OptimalitySizes.Of(preset, dataSet, images).Describe();

    public ProtocolReport Run(ProtocolContext context) => Run(context, OptimalitySizes.Of(context.Preset, context.Data.Key, context.Images));

    /// <summary>With sizes of its own.</summary>
    internal static ProtocolReport Run(ProtocolContext context, OptimalitySizes sizes)
    {
        sizes = sizes with { Effort = sizes.Effort with { Images = (int)Math.Min(sizes.Effort.Images, context.Data.Test.Count) } };
        using var models = new OptimalityModels(context, sizes);
        var results = new OptimalityMeasurement(context.Steps, sizes.Effort, (first, count) =>
            (context.Data.Test.Images(first, count), context.Data.Test.Labels.narrow(0, first, count).clone())).Measure(models.All(), null);
        return context.Report(new OptimalityPage(results, context.Data.Test.Name)
        {
            Method =
            [
                new("Networks", "the HRS paper's for the images (colour: a narrow one), without dropout; SGD, momentum 0.9", sizes.Describe()),
                new("Adversarial training", FormattableString.Invariant($"PGD, ε {sizes.Hardening.Epsilon:0.###} in L∞, {sizes.Hardening.Steps} steps")),
                new("Noise", FormattableString.Invariant(
                    $"σ {sizes.Noise} before the first convolution, {sizes.Noise / 2} before the others, in training, too")),
            ],
        }.Make());
    }
}
