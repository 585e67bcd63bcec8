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
/// <param name="Guard">The detector to measure most closely and to attack: the paper's best number of samples for the set.</param>
/// <param name="Penalised">Dense layers whose weights and biases w are trained with a penalty of 0.01·Σw² (Feinman).</param>
/// <param name="Accuracy">The network's in the paper, where the paper has this data set.</param>
/// <param name="Areas">The areas of Table 3, by row: FGSM, BIM-A, JSMA.</param>
/// <param name="Fooled">1 minus the accuracies of Table 2 under the same attacks, where the paper has this data set.</param>
internal sealed record MvmTask(
    Func<ulong, nn.Module<Tensor, Tensor>> Network, int Pixels, string[] Sampled, string Hidden, double Bandwidth, double Epsilon, double Step, double Noise,
    string Guard, string[] Penalised, double? Accuracy,
    IReadOnlyDictionary<string, double[]> Areas, double[]? Fooled)
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
            [MvmDetectors.Half] = [0.630, 0.578, 0.643], [MvmDetectors.Whole] = [0.756, 0.718, 0.804], [MvmDetectors.Double] = [0.787, 0.858, 0.899],
            [MvmDetectors.Pruning(0.5)] = [0.757, 0.785, 0.850], [MvmDetectors.Pruning(0.8)] = [0.718, 0.736, 0.871],
            [MvmDetectors.Pruning(1)] = [0.688, 0.694, 0.878], [MvmDetectors.Dropping(0.5)] = [0.701, 0.606, 0.710],
        }, [0.9297, 0.9943, 0.9980])
        : new(seed => Networks.FeinmanMnist(seed), 784, ["relu1", "relu2"], "relu3", 1.2, 0.3, 0.01, 0.1, MvmDetectors.Half, [], data.Key == "mnist" ? 0.987
            : null, data.Key == "mnist"
            ? new Dictionary<string, double[]>
            {
                [MvmDetectors.Half] = [0.947, 0.982, 0.983], [MvmDetectors.Whole] = [0.848, 0.987, 0.982], [MvmDetectors.Double] = [0.699, 0.972, 0.936],
                [MvmDetectors.Pruning(0.5)] = [0.613, 0.749, 0.746], [MvmDetectors.Pruning(0.8)] = [0.618, 0.713, 0.667],
                [MvmDetectors.Pruning(1)] = [0.631, 0.715, 0.628], [MvmDetectors.Dropping(0.5)] = [0.845, 0.991, 0.984],
            }
            : new Dictionary<string, double[]>(), data.Key == "mnist" ? [0.9413, 1, 0.9730] : null);
}
