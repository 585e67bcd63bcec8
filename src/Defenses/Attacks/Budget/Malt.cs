using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Targeted Auto-PGD through the boundaries that are nearest where the model is taken for linear (MALT).</summary>
/// <remarks>
/// The other classes are ordered by the distance of their boundary at the original: (z_y − z_k) / ‖∇(z_k − z_y)‖ in the dual norm, the smallest first.
/// Auto-PGD ascends the targeted DLR loss through one boundary after another; an example is finished when it meets the goal (on a random model by a
/// majority of fresh draws). Towards a target there is nothing to order: Auto-PGD runs once. The order costs one forward pass and a backward pass for
/// each class. Source: Melamed, Yehudai and Shamir 2024 (MALT). Differs: a class without a gradient is the last, not the first, and any wrong class
/// counts. With fewer than four classes the margin replaces the DLR loss.
/// </remarks>
/// <param name="Epsilon">The budget, in the units of the model's bounds and of the norm; above 0.</param>
public sealed record Malt(double Epsilon) : BudgetAttack(Epsilon)
{
    /// <summary>The norm of the budget: L1, L2 or (default) L∞.</summary>
    public override Norm Norm { get; init => field = Norm.L1L2OrLinf(value, nameof(Norm)); } = Norm.Linf;

    /// <summary>The number of steps through each boundary, at least 1; by default 100.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 100;

    /// <summary>The largest number of boundaries to go through, at least 1; by default 9.</summary>
    public int Targets { get; init => field = Require.AtLeast(value, 1, nameof(Targets)); } = 9;

    /// <summary>The largest number of classes that are put in order, at least 1; by default 100: those with the largest logits beside the label.</summary>
    public int OrderedClasses { get; init => field = Require.AtLeast(value, 1, nameof(OrderedClasses)); } = 100;

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Gradient;

    /// <inheritdoc/>
    public override int? GradientSteps => Steps;

    private protected override bool NeedsBudget => true;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Steps ? this with { Steps = MoreSteps(Steps, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        using var turns = new AttacksInTurn(run, Norm, Epsilon);
        turns.Begin();
        var scaled = run.Model.Classes >= 4 && !run.Goal.IsForeign;
        var ascent = new Apgd(Epsilon) { Norm = Norm, Steps = Steps, Loss = scaled ? Loss.Dlr : Loss.Margin };
        if (turns.Count > 0 && run.Goal.CrossesToAnyOther) ThroughBoundaries(turns, ascent);
        else if (turns.Count > 0) turns.Try(left => left.Perturb(ascent));
        run.Step(1, 1);
        return turns.Results();
    }

    private void ThroughBoundaries(AttacksInTurn turns, Apgd ascent)
    {
        using var scope = NewDisposeScope();
        using var classes = new PerExampleTensors(LinearBoundary.NearestFirst(turns.Left, Norm, OrderedClasses));
        for (var rank = 0; rank < Math.Min(Targets, classes[0].shape[1]) && turns.Count > 0; rank++)
        {
            using var inner = NewDisposeScope();
            classes.Keep(turns.Try(left => left.Towards(left.Goal.Through(classes[0].select(1, rank))).Perturb(ascent)));
        }
    }
}
