using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Projected gradient descent: steps along the steepest direction of the loss, projected onto the ball of radius ε and the bounds.</summary>
/// <remarks>
/// x ← clip(P(x + α·d(∇ₓ loss))), from a random point of the ball; with restarts each example keeps its best end point.
/// Source: Madry et al. 2018, section 2.1. For L1 a step moves the elements with the largest gradients as far as the bounds allow.
/// </remarks>
/// <param name="Epsilon">The budget, in the units of the model's bounds and of the norm; 0 or above.</param>
public sealed record Pgd(double Epsilon) : BudgetAttack(Epsilon)
{
    /// <summary>The loss to maximise; by default cross-entropy.</summary>
    public Loss Loss { get; init => field = Require.NotNull(value, nameof(Loss)); } = Loss.CrossEntropy;

    /// <summary>The number of steps, at least 1; by default 100.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 100;

    /// <summary>The size of a step in the norm, above 0; by default (null) ε/10.</summary>
    public double? StepSize { get; init => field = value is { } size ? Require.Positive(size, nameof(StepSize)) : null; }

    /// <summary>The number of ascents, at least 1; by default 5. Without a random start all ascents on a deterministic model are equal.</summary>
    public int Restarts { get; init => field = Require.AtLeast(value, 1, nameof(Restarts)); } = 5;

    /// <summary>Whether an ascent starts at a random point of the ball (default) or at the image.</summary>
    public bool RandomStart { get; init; } = true;

    /// <summary>Whether an example that meets the goal is finished at once; off by default.</summary>
    public bool StopEarly { get; init; }

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Gradient;

    /// <inheritdoc/>
    public override int? GradientSteps => Steps;

    /// <inheritdoc/>
    public override bool IsRoundingSensitive => !RandomStart;

    /// <inheritdoc/>
    public override bool AscendsCrossEntropy => Loss == Loss.CrossEntropy;

    /// <inheritdoc/>
    public override Attack WithDefaultStepSize() => this with { StepSize = null };

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) => effort switch
    {
        AttackEffort.Steps => this with { Steps = MoreSteps(Steps, factor) },
        AttackEffort.Restarts when RandomStart => this with { Restarts = factor * Restarts },
        _ => null,
    };

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run) =>
        new ProjectedAscent(Norm, Epsilon, StepSize ?? Epsilon / 10, Steps, Loss, StopEarly).AscendBest(run, Restarts, RandomStart);
}
