using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>The network behind all schemes of a run, and how it is trained.</summary>
/// <param name="Description">What it is, and where it differs from the paper's.</param>
/// <param name="Make">From a seed, with or without dropout; its first activation is "relu1".</param>
/// <param name="Update">How its weights are updated.</param>
internal sealed record SpikingNetwork(string Description, Func<ulong, bool, nn.Module<Tensor, Tensor>> Make, UpdateRule Update)
{
    private const double Dropout = 0.5;

    /// <summary>The code's network for MNIST, with borders kept.</summary>
    internal static SpikingNetwork Mnist(double rate) => new("the paper's for MNIST, as its code has it (borders kept)", (seed, dropout) =>
        Networks.RandomSpikingMnist(seed, dropout ? Dropout : 0), Sgd(rate));

    /// <summary>The network for 28×28 images as the paper's text has it: half the work.</summary>
    internal static SpikingNetwork Valid(double rate, string instead) => new($"C&W's for MNIST, four convolutions without borders, {instead}",
        (seed, dropout) => Networks.HrsMnist(seed, dropout ? Dropout : 0), Sgd(rate));

    /// <summary>C&amp;W's network for colour images, narrow.</summary>
    internal static SpikingNetwork Narrow(double rate, int width) => new(
        $"C&W's for CIFAR-10 with {width} and {2 * width} filters, in place of the paper's WRN-28-10: a smaller network for a quick look",
        (seed, dropout) => HrsBlocks.Cifar10(1, dropout ? Dropout : 0, width)[0](seed), Sgd(rate));

    /// <summary>The paper's for Fashion-MNIST and CIFAR-10.</summary>
    internal static SpikingNetwork Wide(long channels) => new(
        "the paper's WRN-28-10, without its augmentation of CIFAR-10 and with dropout off at test time (its code leaves it on)",
        (seed, dropout) => Networks.WideResNet28x10(seed, channels, dropout ? 0.1 : 0),
        new SgdUpdate { Rate = LearningRate.Milestones(0.1, 0.2, 60, 120, 160), WeightDecay = 1e-3 });   // Keras' 5e-4·Σw²: a gradient of 1e-3·w

    private static SgdUpdate Sgd(double rate) => new() { Rate = LearningRate.InverseTime(rate, 1e-6) };
}
