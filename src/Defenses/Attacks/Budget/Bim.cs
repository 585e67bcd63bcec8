using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The basic iterative method: FGSM in small steps from the image, kept within ε.</summary>
/// <remarks>
/// x ← clip_ε(clip(x + α·sign(∇ₓ loss))). Source: Kurakin, Goodfellow and Bengio 2017, section 2.2; BIM-A and BIM-B: Feinman et al. 2017, section 5.
/// </remarks>
/// <param name="Epsilon">The budget, in the units of the model's bounds and of the norm; 0 or above.</param>
public sealed record Bim(double Epsilon) : BudgetAttack(Epsilon)
{
    /// <summary>The loss to maximise; by default cross-entropy.</summary>
    public Loss Loss { get; init => field = Require.NotNull(value, nameof(Loss)); } = Loss.CrossEntropy;

    /// <summary>The number of steps, at least 1; by default 50.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 50;

    /// <summary>The size of a step in the norm, above 0; by default (null) ε/10.</summary>
    public double? StepSize { get; init => field = value is { } size ? Require.Positive(size, nameof(StepSize)) : null; }

    /// <summary>The iterate to keep; by default the last (BIM-B). With the first (BIM-A) an example that meets the goal is finished.</summary>
    public BimVariant Variant { get; init; } = BimVariant.Last;

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Gradient;

    /// <inheritdoc/>
    public override int? GradientSteps => Steps;

    /// <inheritdoc/>
    public override bool IsRoundingSensitive => true;

    /// <inheritdoc/>
    public override bool AscendsCrossEntropy => Loss == Loss.CrossEntropy;

    /// <inheritdoc/>
    public override Attack WithDefaultStepSize() => this with { StepSize = null };

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Steps ? this with { Steps = MoreSteps(Steps, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run) =>
        new ProjectedAscent(Norm, Epsilon, StepSize ?? Epsilon / 10, Steps, Loss, StopEarly: Variant == BimVariant.First).Ascend(run, run.Original, 0, Steps);
}

/// <summary>The iterate of the basic iterative method that is kept.</summary>
public enum BimVariant
{
    /// <summary>BIM-A: the first iterate that meets the goal; the last where no iterate does.</summary>
    First,

    /// <summary>BIM-B: the last iterate.</summary>
    Last,
}
