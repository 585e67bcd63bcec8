using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>AutoAttack for random models: Auto-PGD on cross-entropy and on the DLR loss, each on gradients averaged over draws.</summary>
/// <remarks>
/// Each example keeps the point that fresh draws find best; a judge gives the verdict. The published code counts an example as
/// broken after a single wrong draw, and so counts the random errors of a model as successes of the attack; <see cref="CountSingleDraws"/> does the
/// same for comparison. Source: Croce and Hein 2020 (version "rand": APGD-CE and APGD-DLR, 100 steps, 20 draws).
/// </remarks>
/// <param name="Epsilon">The budget, in the units of the model's bounds and of the norm; above 0.</param>
public sealed record AutoAttackRandomized(double Epsilon) : BudgetAttack(Epsilon)
{
    /// <summary>The number of steps of each part, at least 1; by default 100.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 100;

    /// <summary>Random draws averaged for a gradient, at least 1; by default 20. A view that averages already is averaged
    /// once more: give the plain model.</summary>
    public int Draws { get; init => field = Require.AtLeast(value, 1, nameof(Draws)); } = 20;

    /// <summary>Whether a point counts if a single draw is wrong, as in the published code; off by default.</summary>
    public bool CountSingleDraws { get; init; }

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Gradient;

    /// <inheritdoc/>
    public override int? GradientSteps => Steps;

    /// <inheritdoc/>
    public override int GradientDraws => Draws;

    private protected override bool NeedsBudget => true;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) => effort switch
    {
        AttackEffort.Steps => this with { Steps = MoreSteps(Steps, factor) },
        AttackEffort.Draws => this with { Draws = factor * Draws },
        _ => null,
    };

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        var averaged = run.Through(model => new Eot(model, Draws), CountSingleDraws ? 1 : null);
        var needsThree = !run.Goal.IsForeign && run.Model.Classes >= (run.Goal.IsTargeted ? 4 : 3);
        Loss[] losses = [Loss.CrossEntropy, needsThree ? Loss.Dlr : Loss.Margin];
        return BestPerExample.Find(averaged, Loss.Margin, losses.Length, number =>
            averaged.Perturb(new Apgd(Epsilon) { Norm = Norm, Steps = Steps, Loss = losses[number] }));
    }
}
