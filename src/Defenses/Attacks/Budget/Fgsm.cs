using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The fast gradient sign method: one step of size ε along the steepest direction of the loss, clipped to the bounds.</summary>
/// <remarks>
/// x′ = clip(x + ε·d(∇ₓ loss)), with d the sign for L∞, g/‖g‖₂ for L2, and for L1 the direction of the largest elements.
/// Source: Goodfellow, Shlens and Szegedy 2015, section 4; the norms as in Miyato et al. 2017.
/// </remarks>
/// <param name="Epsilon">The budget, in the units of the model's bounds and of the norm; 0 or above.</param>
public sealed record Fgsm(double Epsilon) : BudgetAttack(Epsilon)
{
    /// <summary>The loss to maximise; by default cross-entropy.</summary>
    public Loss Loss { get; init => field = Require.NotNull(value, nameof(Loss)); } = Loss.CrossEntropy;

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.SingleStep;

    /// <inheritdoc/>
    public override int? GradientSteps => 1;

    /// <inheritdoc/>
    public override bool IsRoundingSensitive => true;

    /// <inheritdoc/>
    public override bool AscendsCrossEntropy => Loss == Loss.CrossEntropy;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Steps
            ? new Pgd(Epsilon) { Norm = Norm, Loss = Loss, Steps = MoreSteps(1, factor), Restarts = 1, Seed = Seed, DecisionDraws = DecisionDraws }
            : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        using var scope = NewDisposeScope();
        run.Step(0, 1);
        var gradient = run.Model.Gradient(run.Original, logits => Loss.Value(logits, run.Goal));
        var adversarial = run.Clip(Norm.Ascend(run.Original, run.Movable(run.Original, gradient), Epsilon, run.Model.Bounds));
        run.Step(1, 1);
        return adversarial.MoveToOuterDisposeScope();
    }
}
