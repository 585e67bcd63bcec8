using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>Feinman's network for a data set, with what attacks and detectors are set to on it.</summary>
/// <param name="Network">Freshly made from a seed.</param>
/// <param name="Pixels">N, the pixels of an image, whatever its colours.</param>
/// <param name="Sampled">The activations in front of the flattening, behind which sampling layers are put.</param>
/// <param name="Hidden">The last hidden activation, whose density is estimated.</param>
/// <param name="Bandwidth">Of that estimate (Feinman).</param>
/// <param name="Epsilon">Budget of FGSM and BIM (Feinman).</param>
/// <param name="Step">Step of BIM.</param>
/// <param name="Noise">Of the training of MagNet's auto-encoders.</param>
/// <param name="Guard">The detector to measure most closely and to attack: the paper's best number of samples for the set, of what is known to us.</param>
/// <param name="Penalised">Dense layers whose weights and biases w are trained with a penalty of 0.01·Σw² (Feinman).</param>
/// <param name="Accuracy">The network's in the paper, where the paper has this data set.</param>
/// <param name="Areas">The areas of Table 3 that are known to us, by row: FGSM, BIM-A, JSMA.</param>
internal sealed record MvmTask(
    Func<ulong, nn.Module<Tensor, Tensor>> Network, int Pixels, string[] Sampled, string Hidden, double Bandwidth, double Epsilon, double Step, double Noise,
    string Guard, string[] Penalised, double? Accuracy,
    IReadOnlyDictionary<string, double[]> Areas)
{
    /// <summary>Every activation: what the local dimensionality is estimated from.</summary>
    internal string[] Activations => [.. Enumerable.Range(1, int.Parse(Hidden["relu".Length..], System.Globalization.CultureInfo.InvariantCulture))
        .Select(number => $"relu{number}")];

    /// <summary>The number of samples of that detector, in words: "c = 2N".</summary>
    internal string Samples => Guard["MVM, ".Length..];

    /// <summary>Colour images of 32×32 have Feinman's CIFAR-10 network, all others his MNIST network; only those two sets are in the paper.</summary>
    internal static MvmTask For(RunData data) => data.IsColor
        ? new(seed => Networks.FeinmanCifar10(seed), 1024, ["relu1", "relu2", "relu3", "relu4", "relu5", "relu6"], "relu8", 0.26, 0.05, 0.005, 0.025,
            MvmDetectors.Double, ["fc1", "fc2"], 0.826, new Dictionary<string, double[]>
        {
            [MvmDetectors.Double] = [0.787, 0.858, 0.899], [MvmDetectors.Pruning(0.5)] = [0.757, 0.785, 0.850],
            [MvmDetectors.Dropping(0.5)] = [0.701, 0.606, 0.710],
        })
        : new(seed => Networks.FeinmanMnist(seed), 784, ["relu1", "relu2"], "relu3", 1.2, 0.3, 0.01, 0.1, MvmDetectors.Half, [], data.Key == "mnist" ? 0.987
            : null, data.Key == "mnist"
            ? new Dictionary<string, double[]> { [MvmDetectors.Half] = [0.947, 0.982, 0.983], [MvmDetectors.Double] = [0.699, 0.972, 0.936] }
            : new Dictionary<string, double[]>());
}
