using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>An ensemble in the place of <see cref="AutoAttackStandard"/> at a sixth of its passes: Auto-PGD on the margin of probabilities, targeted
/// Auto-PGD through the nearest boundaries (<see cref="Malt"/>), and Square in rounds, each on the examples that resisted so far.</summary>
/// <remarks>
/// What it saves: the boundaries that are far where the model is taken for linear, the parts of FAB, and most candidates of Square. Its first round begins
/// at stripes or tiles, each later one at the best point that is known. An example leaves after a later round when its margin, at
/// twice the pace of the later rounds so far, would not reach the goal with the candidates that are left, unless a twentieth of the original's
/// margin is left at most. On a random view the parts that follow gradients and the margins average
/// <see cref="Draws"/> draws, and a majority of fresh draws decides whether an example is finished. Towards a target
/// there are no boundaries to choose from. In L1 there is no Square. With a custom goal the logit margin replaces the margin of probabilities.
/// Source: Croce and Hein 2020 (the order of parts), Xie et al. 2024 (PMA), Melamed, Yehudai and Shamir 2024 (MALT).
/// </remarks>
/// <param name="Epsilon">The budget, in the units of the model's bounds and of the norm; above 0.</param>
public sealed record AutoAttackFast(double Epsilon) : BudgetAttack(Epsilon)
{
    private const double FirstRound = 0.15, LaterRound = 0.06, Leniency = 2, Near = 0.05;   // the rounds are shares of the candidates

    /// <summary>The norm of the budget: L1, L2 or (default) L∞.</summary>
    public override Norm Norm { get; init => field = Norm.L1L2OrLinf(value, nameof(Norm)); } = Norm.Linf;

    /// <summary>The number of steps of each Auto-PGD, at least 1; by default 100.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 100;

    /// <summary>The largest number of boundaries for the targeted part, at least 1; by default 2.</summary>
    public int Targets { get; init => field = Require.AtLeast(value, 1, nameof(Targets)); } = 2;

    /// <summary>The largest number of candidates of Square for an example, at least 1; by default 5000. Examples can leave after 21 % of them.</summary>
    public int Candidates { get; init => field = Require.AtLeast(value, 1, nameof(Candidates)); } = 5000;

    /// <summary>Random draws averaged for a gradient of a random view, at least 1; by default 20. A view that averages already is averaged
    /// once more: give the plain model.</summary>
    public int Draws { get; init => field = Require.AtLeast(value, 1, nameof(Draws)); } = 20;

    /// <inheritdoc/>
    public override Knowledge Knowledge => Norm == Norm.L1 ? Knowledge.Gradient : Knowledge.Gradient | Knowledge.Scores;   // in L1 there is no Square

    /// <inheritdoc/>
    public override int? GradientSteps => Steps;

    /// <inheritdoc/>
    public override int GradientDraws => Draws;

    private protected override bool NeedsBudget => true;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) => effort switch
    {
        AttackEffort.Steps => this with { Steps = MoreSteps(Steps, factor), Candidates = MoreSteps(Candidates, factor) },
        AttackEffort.Draws => this with { Draws = factor * Draws },
        _ => null,
    };

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        using var turns = new AttacksInTurn(run, Norm, Epsilon);
        turns.Begin();
        if (turns.Count > 0) turns.Try(left => Averaged(left).Perturb(Ascent(run.Goal)));
        if (turns.Count > 0) turns.Try(left => Averaged(left).Perturb(new Malt(Epsilon) { Norm = Norm, Steps = Steps, Targets = Targets }));
        if (turns.Count > 0 && Norm != Norm.L1) Squares(turns);
        run.Step(1, 1);
        return turns.Results();
    }

    private Apgd Ascent(Goal goal) => new(Epsilon) { Norm = Norm, Steps = Steps, Loss = goal.IsForeign ? Loss.Margin : Loss.ProbabilityMargin };

    // The first round knows nothing of the points of the gradients: where gradients mislead, they lie in the wrong place.
    private void Squares(AttacksInTurn turns)
    {
        using var whole = NewDisposeScope();
        var first = Share(FirstRound);
        turns.Try(left => left.Perturb(Round(first)));
        if (turns.Count == 0) return;
        using var before = new PerExampleTensors(Margins(turns), Margins(turns, ofOriginals: true) * Near);
        var done = first;
        while (done < Candidates && turns.Count > 0)
        {
            using var scope = NewDisposeScope();
            var round = Math.Min(Share(LaterRound), Candidates - done);
            before.Keep(turns.Try(left => left.From(turns.Points).Perturb(Round(round))));
            done += round;
            if (turns.Count == 0) return;
            var now = Margins(turns);
            var end = now + (now - before[0]) * (Leniency * (Candidates - done) / (done - first));
            before.Keep(turns.Leave((end < 0).logical_and(now < before[1])));
        }
    }

    private int Share(double share) => Math.Max(1, (int)(share * Candidates));

    private Square Round(int candidates) => new(Epsilon) { Norm = Norm, Candidates = candidates };

    private Tensor Margins(AttacksInTurn turns, bool ofOriginals = false)
    {
        using var scope = NewDisposeScope();
        var left = Averaged(turns.Left);
        var logits = left.Model.ComputeLogits(ofOriginals ? left.Original : turns.Points);
        return FiniteLogits.Comparable(Loss.Margin.Value(logits, left.Goal)).MoveToOuterDisposeScope();
    }

    // Square compares points under single draws, which it draws again for both.
    private AttackRun Averaged(AttackRun left) => left.IsRandom ? left.Through(model => new Eot(model, Draws)) : left;
}
