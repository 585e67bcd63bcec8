using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>A network of the paper, and what its code sets for it.</summary>
internal sealed record JumpTask
{
    /// <summary>As the paper names it.</summary>
    internal required string NetworkName { get; init; }

    /// <summary>Where its numbers stand among the paper's: the data set, or the network where the data set has several.</summary>
    internal required string Key { get; init; }

    /// <summary>What the names of its steps and seeds begin with; empty for the first network of a data set.</summary>
    internal string Prefix { get; init; } = "";

    /// <summary>What of its size a preset can change, ours and the paper's.</summary>
    internal IReadOnlyList<(string What, double Ours, double? Paper)> Shape { get; init; } = [];

    /// <summary>Freshly made from a seed.</summary>
    internal required Func<ulong, nn.Module<Tensor, Tensor>> Network { get; init; }

    internal required Normalization Normalization { get; init; }

    /// <summary>The paper's threshold for this network, and the largest of its random ones, which are uniform from 0.6 times that on.</summary>
    internal required (double Kappa, double High) Jump { get; init; }

    /// <summary>Steps of its "PGD" and of DeepFool.</summary>
    internal required int Steps { get; init; }

    /// <summary>Robust training: the share of a batch that FGSM changes, and its ε in normalised units.</summary>
    internal required (double Share, double Epsilon) Robust { get; init; }

    /// <summary>The learning rate, its factor at each drop, and the epochs of the drops, of how many.</summary>
    internal (double Rate, double Factor, int[] Drops, int Of) Schedule { get; init; } = (0.02, 0.2, [30, 60, 80], 90);

    /// <summary>The paper's attacks, in pixels.</summary>
    internal PaperAttack[] Attacks(int trustSteps) => PaperAttack.All(Normalization.Unit, Steps, trustSteps);

    /// <summary>The paper's "PGD".</summary>
    internal PaperAttack Pgd => PaperAttack.Pgd(Normalization.Unit, Steps);

    /// <summary>Colour images have the AlexNet-like network, grey ones the LeNet-like network.</summary>
    internal static JumpTask For(RunData data) => data.IsColor
        ? Colour("AlexNet-like", data.Key, (0.4, 0.5), seed => Networks.AlexLike(seed))
        : new()
        {
            NetworkName = "LeNet-like", Key = data.Key, Network = seed => Networks.LeNetLike(seed),
            Normalization = data.Key == "fashion-mnist" ? Normalization.FashionMnist : Normalization.Mnist,
            Jump = (1, 1), Steps = 40, Robust = (0.3, 0.3),
        };

    /// <summary>The wide networks of the paper, at the size of a preset: what a CPU can train is small.</summary>
    internal static JumpTask[] Wide(string preset)
    {
        var (depth, width, multiplier) = preset == "paper" ? (34, 4, 1.0) : (10, 1, 0.25);
        return
        [
            Colour("WideResNet", "WideResNet", (0.07, 0.09), seed => Networks.WideResNet(seed, depth, width)) with
            {
                Prefix = "WideResNet: ", Shape = [("depth", depth, 34), ("width", width, 4)], Schedule = (0.1, 0.1, [30, 60, 90], 120),
            },
            Colour("MobileNetV2", "MobileNetV2", (0.06, 0.08), seed => Networks.MobileNetV2(seed, multiplier)) with
            {
                Prefix = "MobileNetV2: ", Shape = [("width multiplier", multiplier, 1)], Schedule = (0.1, 0.1, [30, 60, 90], 120),
            },
        ];
    }

    private static JumpTask Colour(string name, string key, (double Kappa, double High) jump, Func<ulong, nn.Module<Tensor, Tensor>> network) => new()
    {
        NetworkName = name, Key = key, Network = network, Normalization = Normalization.Cifar10, Jump = jump, Steps = 7, Robust = (0.6, 0.031),
    };
}
