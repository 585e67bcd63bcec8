using Defenses.Attacks;

namespace Defenses.Papers;

/// <summary>An attack of the paper, in pixels of [0, 1].</summary>
/// <param name="Name">As the paper names it.</param>
/// <param name="Attack">What it does.</param>
internal sealed record PaperAttack(string Name, Attack Attack)
{
    // In the units of normalised images.
    private const double Step = 0.01;

    /// <summary>"PGD": sign steps of 0.01 without a ball; who is misread stays where he is. The ball here is just what the steps can reach.</summary>
    /// <param name="unit">What 1 in normalised units is in pixels.</param>
    /// <param name="steps">40 on MNIST, 7 on CIFAR-10.</param>
    internal static PaperAttack Pgd(double unit, int steps) =>
        new("PGD", new Bim(steps * Step * unit) { Steps = steps, StepSize = Step * unit, Variant = BimVariant.First });

    /// <summary>All attacks of the paper's tables.</summary>
    internal static PaperAttack[] All(double unit, int steps, int trustSteps) =>
    [
        Pgd(unit, steps),
        new("DF∞", new DeepFool { Norm = Norm.Linf, Steps = steps }),
        new("DF₂", new DeepFool { Norm = Norm.L2, Steps = steps }),
        new("TR", new TrustRegion { Norm = Norm.L2, Adaptive = false, Radius = Step * unit, Steps = trustSteps }),
    ];
}
