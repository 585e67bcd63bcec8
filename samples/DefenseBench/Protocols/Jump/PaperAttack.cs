using Defenses.Attacks;

namespace DefenseBench.Protocols.Jump;

/// <summary>An attack of the paper, in pixels of [0, 1].</summary>
/// <param name="Name">As the paper names it.</param>
/// <param name="Attack">What it does.</param>
internal sealed record PaperAttack(string Name, Attack Attack)
{
    // 0.01 in the units of normalised images.
    private const double Step = 0.01 * NormalizedData.Deviation;

    /// <summary>"PGD": sign steps of 0.01 without a ball; who is misread stays where he is. The ball here is just what 40 steps can reach.</summary>
    internal static PaperAttack Pgd { get; } = new("PGD", new Bim(40 * Step) { Steps = 40, StepSize = Step, Variant = BimVariant.First });

    /// <summary>All attacks of the paper's tables.</summary>
    internal static IReadOnlyList<PaperAttack> All(int trustSteps) =>
    [
        Pgd,
        new("DF∞", new DeepFool { Norm = Norm.Linf, Steps = 40 }),
        new("DF₂", new DeepFool { Norm = Norm.L2, Steps = 40 }),
        new("TR", new TrustRegion { Norm = Norm.L2, Adaptive = false, Radius = Step, Steps = trustSteps }),
    ];
}
