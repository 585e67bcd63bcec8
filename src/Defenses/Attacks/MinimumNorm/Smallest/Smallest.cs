using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The smallest change by an attack within a budget: a search for the smallest budget of each example with which the attack succeeds.</summary>
/// <remarks>
/// The first budget is that of the attack. Without success it doubles, without failure it halves, up to the first of each; then it is bisected
/// geometrically until success and failure are nearer than the tolerance, when the example leaves. An example counts with the size of its smallest success,
/// which is moved to the boundary by bisection after each success. Budgets lie on a common grid, first·(1 + tolerance)^k, so that examples with the
/// same budget are attacked as one batch. Apgd, Pgd, CwPgd start from the smallest success, projected into the ball; others begin again.
/// A failure is no proof: the search goes on between it and the smallest success. Source: the "minimal" search of AttackBench (Cinà et al. 2024).
/// Differs: see the first sentences; budgets never exceed what the bounds allow.
/// An example that meets the goal already is finished; an example without success keeps its original image.
/// </remarks>
/// <param name="Attack">The attack. Its budget, above 0, is tried first. Its seed and decision draws are not used.</param>
public sealed record Smallest(BudgetAttack Attack) : Attack
{
    private const int FinalSearch = 10, Bisections = 4;

    /// <summary>The attack. Its budget, above 0, is tried first.</summary>
    public BudgetAttack Attack { get; init => field = Checked(value); } = Checked(Attack);

    /// <summary>The norm of the attack.</summary>
    public override Norm Norm { get => Attack.Norm; init => Attack = Attack with { Norm = value }; }

    /// <summary>The number of budgets to try for an example, at least 1; by default 12.</summary>
    public int SearchSteps { get; init => field = Require.AtLeast(value, 1, nameof(SearchSteps)); } = 12;

    /// <summary>The relative distance between the smallest success and the largest failure at which an example leaves, above 0; by default 0.005.</summary>
    public double Tolerance { get; init => field = Require.Positive(value, nameof(Tolerance)); } = 0.005;

    /// <inheritdoc/>
    public override Knowledge Knowledge => Attack.Knowledge;

    /// <inheritdoc/>
    public override int? GradientSteps => Attack.GradientSteps;

    /// <inheritdoc/>
    public override int GradientDraws => Attack.GradientDraws;

    /// <inheritdoc/>
    public override bool IsRoundingSensitive => Attack.IsRoundingSensitive;

    /// <inheritdoc/>
    public override bool AscendsCrossEntropy => Attack.AscendsCrossEntropy;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        Attack.Strengthen(effort, factor) is BudgetAttack more ? this with { Attack = more } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run) => SmallestSearch.Find(run, Norm, FinalSearch, Search);

    private void Search(AttackRun run, SmallestAdversarials best)
    {
        using var scope = NewDisposeScope();
        var brackets = new BudgetBrackets(SmallestSearch.LargestRadii(run, Norm), Attack.Epsilon, Tolerance, Norm == Norm.L0);
        if (run.Start is { } known)
        {
            best.KeepSmaller(known);
            brackets.Begin(best.Sizes.to_type(ScalarType.Float64).cpu().data<double>().ToArray());
        }

        for (var step = 0; step < SearchSteps; step++)
        {
            run.Step(step, SearchSteps);
            foreach (var (budget, rows) in brackets.Next()) Try(run, best, brackets, budget, rows);
        }

        run.Step(SearchSteps, SearchSteps);
    }

    private void Try(AttackRun run, SmallestAdversarials best, BudgetBrackets brackets, double budget, long[] numbers)
    {
        using var scope = NewDisposeScope();
        var rows = tensor(numbers, device: run.Original.device);
        using var only = run.Only(rows, run.Original.shape[0]);
        var part = run.Of(run.Original.index_select(0, rows), run.Goal.Select(rows)).From(best.Points.index_select(0, rows));
        var found = part.Perturb((Attack with { Epsilon = budget }).WithDefaultStepSize());
        var met = part.IsMet(found, part.Goal);
        if (Norm != Norm.L0)
            found = where(Norm.PerExample(met, found), BoundaryBisection.Shrink(part, part.Original, found, part.Goal, Norm, Bisections), found);
        best.KeepSmaller(rows, found, met);
        brackets.Record(numbers, budget, met.to_type(ScalarType.Bool).cpu().data<bool>().ToArray(),
            best.Sizes.index_select(0, rows).to_type(ScalarType.Float64).cpu().data<double>().ToArray());
    }

    private static BudgetAttack Checked(BudgetAttack attack) => Require.NotNull(attack, nameof(Attack)).Epsilon > 0
        ? attack
        : throw new ArgumentOutOfRangeException(
            nameof(Attack), attack.Epsilon, $"The budget of Attack is the first to be tried and must be above 0; it is {attack.Epsilon}.");
}
