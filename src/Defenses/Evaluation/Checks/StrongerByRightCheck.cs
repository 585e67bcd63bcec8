using Defenses.Evaluation.Reporting;

namespace Defenses.Evaluation.Checks;

/// <summary>Compares attacks that know little with attacks that follow gradients for many steps and should win.</summary>
/// <remarks>Fires where the best of the former succeeds more often than the best of the latter by more than chance: the intervals do not meet.</remarks>
public abstract class StrongerByRightCheck : ReportCheck
{
    private protected StrongerByRightCheck() { }

    private protected abstract bool IsWeaker(AttackKind kind);

    private protected virtual bool IsStronger(AttackKind kind) => kind is AttackKind.Gradient or AttackKind.SingleStep;

    private protected abstract Finding Tell(DefenseResult defense, StrengthResult strength, CellResult weaker, CellResult stronger);

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(EvaluationReport report)
    {
        var kinds = report.Settings.Attacks.Select(AttackFacts.Kind).ToArray();
        foreach (var defense in report.Defenses)
            foreach (var strength in defense.Strengths.Reverse())
            {
                var (weaker, stronger) = (Best(strength, kinds, IsWeaker), Best(strength, kinds, IsStronger));
                if (weaker is null || stronger is null || weaker.Outcome.Success!.MeanDraw.Lower <= stronger.Outcome.Success!.MeanDraw.Upper) continue;
                yield return Tell(defense, strength, weaker, stronger);
                break;
            }
    }

    private static CellResult? Best(StrengthResult strength, AttackKind[] kinds, Func<AttackKind, bool> fits) =>
        strength.Cells.Where((cell, number) => fits(kinds[number]) && cell.Outcome.Success is not null).MaxBy(cell => cell.Outcome.Success!.MeanDraw.Rate);

    private protected static double Percent(CellResult cell) => 100 * cell.Outcome.Success!.MeanDraw.Rate;
}
