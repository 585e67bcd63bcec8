namespace Defenses.Papers;

/// <summary>What the paper prints of a model, in percent.</summary>
/// <param name="Clean">Accuracy without an attack.</param>
/// <param name="Pgd">Accuracy under white-box PGD.</param>
/// <param name="Change">ρ of DF∞, DF₂ and TR.</param>
internal sealed record JumpPrinted(double Clean, double Pgd, double[] Change)
{
    private static readonly double[] s_fooled = [0, 0, 0];

    // Tables 1, 2 and 4. Of MobileNetV2 with jumps table 1 has an accuracy of 90.43, table 2 of 91.10. Of the wide networks with rectifiers table 1 has
    // 0.0 under PGD, table 2 a little more.
    private static readonly Dictionary<(string Network, JumpKind Kind, bool IsRobust), JumpPrinted> s_printed = new()
    {
        [("mnist", JumpKind.Rectifier, false)] = new(99.55, 66.69, [17.9, 21.8, 18.9]) { Searched = s_fooled },
        [("mnist", JumpKind.Jump, false)] = new(99.53, 83.21, [34.1, 44.9, 25.0]) { Gray = [91.65, 81.39, 58.93, 58.90] },
        [("mnist", JumpKind.Rectifier, true)] = new(99.50, 91.39, [28.4, 31.4, 24.7]) { Searched = s_fooled },
        [("mnist", JumpKind.Jump, true)] = new(99.47, 94.36, [46.6, 53.3, 32.8]) { Gray = [97.07, 70.84, 45.17, 53.24] },
        [("mnist", JumpKind.Random, false)] = new(99.57, 83.49, [36.2, 47.6, 37.0]) { Searched = [5.37, 2.64, 9.61] },
        [("mnist", JumpKind.Random, true)] = new(99.47, 95.17, [51.0, 52.8, 44.8]) { Searched = [5.89, 1.39, 8.08] },
        [("cifar10", JumpKind.Rectifier, false)] = new(89.46, 6.38, [1.2, 1.5, 1.3]) { Searched = s_fooled },
        [("cifar10", JumpKind.Jump, false)] = new(87.52, 18.56, [9.80, 10.6, 1.7]) { Gray = [45.75, 61.82, 60.55, 53.08] },
        [("cifar10", JumpKind.Rectifier, true)] = new(87.93, 51.88, [3.6, 4.2, 3.6]) { Searched = s_fooled },
        [("cifar10", JumpKind.Jump, true)] = new(86.19, 56.70, [13.2, 14.1, 4.3]) { Gray = [67.65, 52.28, 46.9, 51.52] },
        [("cifar10", JumpKind.Random, false)] = new(88.20, 20.13, [7.1, 7.9, 13.1]) { Searched = [0, 0, 3.66] },
        [("cifar10", JumpKind.Random, true)] = new(86.15, 61.03, [13.6, 14.6, 19.7]) { Searched = [0, 1.18, 15.79] },
        [("WideResNet", JumpKind.Rectifier, false)] = new(94.31, 0.37, [1.4, 1.8, 1.3]) { Searched = s_fooled },
        [("WideResNet", JumpKind.Jump, false)] = new(92.58, 0.95, [14.3, 18.5, 1.9]) { Gray = [0.39, 37.33, 40.21, 45.90] },
        [("WideResNet", JumpKind.Rectifier, true)] = new(93.72, 60.43, [6.4, 7.5, 4.8]) { Searched = s_fooled },
        [("WideResNet", JumpKind.Jump, true)] = new(93.01, 67.89, [44.4, 43.8, 6.1]) { Gray = [70.25, 28.62, 26.11, 35.33] },
        [("WideResNet", JumpKind.Random, false)] = new(92.53, 13.40, [14.7, 18.3, 5.9]) { Searched = [0, 0, 7.53] },
        [("WideResNet", JumpKind.Random, true)] = new(93.07, 71.82, [44.5, 43.8, 18.1]) { Searched = [0, 0, 29.27] },
        [("MobileNetV2", JumpKind.Rectifier, false)] = new(92.07, 0.74, [0.7, 0.9, 0.7]) { Searched = s_fooled },
        [("MobileNetV2", JumpKind.Jump, false)] = new(90.43, 0.92, [5.3, 6.8, 1.0]) { Gray = [0.54, 40.69, 41.61, 43.18] },
        [("MobileNetV2", JumpKind.Rectifier, true)] = new(91.69, 53.98, [4.7, 5.3, 4.1]) { Searched = s_fooled },
        [("MobileNetV2", JumpKind.Jump, true)] = new(90.12, 59.66, [62.6, 51.4, 4.9]) { Gray = [66.37, 37.31, 35.45, 40.4] },
        [("MobileNetV2", JumpKind.Random, false)] = new(90.37, 5.07, [8.1, 9.8, 5.2]) { Searched = [1.36, 1.59, 2.28] },
        [("MobileNetV2", JumpKind.Random, true)] = new(90.16, 68.98, [65.6, 53.3, 25.8]) { Searched = [1.43, 1.68, 7.96] },
    };

    /// <summary>Accuracy on images made on the network with rectifiers by PGD, DF∞, DF₂ and TR (table 1).</summary>
    internal double[]? Gray { get; init; }

    /// <summary>Accuracy under white-box DF∞, DF₂ and TR (of rectifiers table 1, of random thresholds table 4).</summary>
    internal double[]? Searched { get; init; }

    /// <summary>What is printed of a model; null where the paper has no such model.</summary>
    /// <param name="network">The key of the network's task.</param>
    internal static JumpPrinted? Of(string network, JumpKind kind, bool isRobust) => s_printed.GetValueOrDefault((network, kind, isRobust));

    /// <summary>Table 3: the area of local dimensionality on CIFAR-10 against PGD, DF∞, DF₂ and TR, in percent; null for other thresholds.</summary>
    internal static double[]? Areas(JumpKind kind) => kind switch
    {
        JumpKind.Rectifier => [72.54, 73.41, 72.93, 72.47], JumpKind.Jump => [74.25, 78.24, 75.84, 74.71], _ => null,
    };
}

/// <summary>The activations that the paper has numbers of.</summary>
internal enum JumpKind
{
    /// <summary>Rectifiers.</summary>
    Rectifier,

    /// <summary>The paper's threshold.</summary>
    Jump,

    /// <summary>Its random thresholds.</summary>
    Random,
}
