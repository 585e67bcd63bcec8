using Defenses.Models;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>Images as the paper feeds its networks: (x − mean) / deviation, colour by colour.</summary>
internal sealed class Normalization(double[] means, double[] deviations)
{
    /// <summary>From pixels in [0, 1] to what a network is fed with.</summary>
    internal Func<Tensor, Tensor> Apply { get; } = Preprocessing.Normalize(means, deviations);

    /// <summary>The range of normalised pixels, over all colours.</summary>
    internal Bounds Bounds { get; } = new(means.Zip(deviations, (mean, deviation) => -mean / deviation).Min(),
        means.Zip(deviations, (mean, deviation) => (1 - mean) / deviation).Max());

    /// <summary>What 1 in normalised units is in pixels, on average over the colours.</summary>
    internal double Unit { get; } = deviations.Average();

    internal static Normalization Mnist { get; } = new([0.1307], [0.3081]);

    internal static Normalization FashionMnist { get; } = new([0.2860], [0.3530]);

    internal static Normalization Cifar10 { get; } = new([0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]);
}
