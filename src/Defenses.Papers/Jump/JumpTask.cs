using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>The paper's network for a data set, and what its code sets for it.</summary>
internal sealed record JumpTask
{
    /// <summary>As the paper names it.</summary>
    internal required string NetworkName { get; init; }

    /// <summary>Freshly made from a seed.</summary>
    internal required Func<ulong, nn.Module<Tensor, Tensor>> Network { get; init; }

    internal required Normalization Normalization { get; init; }

    /// <summary>The paper's threshold for this network, and the largest of its random ones, which are uniform from 0.6 times that on.</summary>
    internal required (double Kappa, double High) Jump { get; init; }

    /// <summary>Steps of its "PGD" and of DeepFool.</summary>
    internal required int Steps { get; init; }

    /// <summary>Robust training: the share of a batch that FGSM changes, and its ε in normalised units.</summary>
    internal required (double Share, double Epsilon) Robust { get; init; }

    /// <summary>The paper's attacks, in pixels.</summary>
    internal PaperAttack[] Attacks(int trustSteps) => PaperAttack.All(Normalization.Unit, Steps, trustSteps);

    /// <summary>The paper's "PGD".</summary>
    internal PaperAttack Pgd => PaperAttack.Pgd(Normalization.Unit, Steps);

    /// <summary>Colour images have the AlexNet-like network, grey ones the LeNet-like network.</summary>
    internal static JumpTask For(RunData data) => data.IsColor
        ? new()
        {
            NetworkName = "AlexNet-like", Network = seed => Networks.AlexLike(seed), Normalization = Normalization.Cifar10, Jump = (0.4, 0.5), Steps = 7,
            Robust = (0.6, 0.031),
        }
        : new()
        {
            NetworkName = "LeNet-like", Network = seed => Networks.LeNetLike(seed),
            Normalization = data.Key == "fashion-mnist" ? Normalization.FashionMnist : Normalization.Mnist,
            Jump = (1, 1), Steps = 40, Robust = (0.3, 0.3),
        };
}
