using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>AutoAttack for deterministic models: Auto-PGD on cross-entropy, targeted Auto-PGD and FAB, and Square, each on the
/// examples that resisted so far.</summary>
/// <remarks>
/// The targeted parts go through the boundaries to the classes that are next best at the original, one after another. An example is finished when
/// a part meets the goal within ε (on a random view: by a majority of fresh draws; use <see cref="AutoAttackRandomized"/> there).
/// Examples that resist keep the point with the largest margin. Towards a target, each part runs once, at that target.
/// Source: Croce and Hein 2020, section 6 (version "standard"). With fewer than four classes the margin replaces the targeted DLR loss;
/// in L1 there is no Square.
/// </remarks>
/// <param name="Epsilon">The budget, in the units of the model's bounds and of the norm; above 0.</param>
public sealed record AutoAttackStandard(double Epsilon) : BudgetAttack(Epsilon)
{
    /// <summary>The norm of the budget: L1, L2 or (default) L∞.</summary>
    public override Norm Norm { get; init => field = Norm.L1L2OrLinf(value, nameof(Norm)); } = Norm.Linf;

    /// <summary>The number of steps of Auto-PGD and FAB, at least 1; by default 100.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 100;

    /// <summary>The largest number of classes for the targeted parts, at least 1; by default 9.</summary>
    public int Targets { get; init => field = Require.AtLeast(value, 1, nameof(Targets)); } = 9;

    /// <summary>The number of candidates of Square, at least 1; by default 5000.</summary>
    public int Candidates { get; init => field = Require.AtLeast(value, 1, nameof(Candidates)); } = 5000;

    /// <inheritdoc/>
    public override Knowledge Knowledge => Norm == Norm.L1 ? Knowledge.Gradient : Knowledge.Gradient | Knowledge.Scores;   // in L1 there is no Square

    /// <inheritdoc/>
    public override int? GradientSteps => Steps;

    private protected override bool NeedsBudget => true;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Steps ? this with { Steps = MoreSteps(Steps, factor), Candidates = MoreSteps(Candidates, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        using var turns = new AttacksInTurn(run, Norm, Epsilon);
        turns.Begin();
        foreach (var (attack, rank) in Parts(run))
        {
            if (turns.Count == 0) break;
            turns.Try(left => (rank < 0 ? left : left.Towards(Through(left, rank))).Perturb(attack));
        }

        run.Step(1, 1);
        return turns.Results();
    }

    // The attacks in order, each with the rank of the class that it goes through, or −1 for the goal itself.
    private IEnumerable<(Attack Attack, int Rank)> Parts(AttackRun run)
    {
        var (classes, single) = (run.Model.Classes, !run.Goal.CrossesToAnyOther);
        int[] ranks = single ? [-1] : [.. Enumerable.Range(0, (int)Math.Min(Targets, classes - 1))];
        var ascent = new Apgd(Epsilon) { Norm = Norm, Steps = Steps };
        (Attack, int)[] square = Norm == Norm.L1 ? [] : [(new Square(Epsilon) { Norm = Norm, Candidates = Candidates }, -1)];
        return
        [
            (ascent, -1),
            .. ranks.Select(rank => ((Attack)(ascent with { Loss = classes >= 4 && !run.Goal.IsForeign ? Loss.Dlr : Loss.Margin }), rank)),
            .. ranks.Select(rank => ((Attack)new Fab { Norm = Norm, Steps = Steps }, rank)),
            .. square,
        ];
    }

    // The goal through the class with the given rank among the other classes at the original, best first.
    private static Goal Through(AttackRun run, int rank)
    {
        var others = OtherClasses.Of(run.Goal.Merged(run.Model.ComputeLogits(run.Original)), run.Goal.Classes);
        return run.Goal.Through(others.argsort(1, descending: true).select(1, rank));
    }
}
