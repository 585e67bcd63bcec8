using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Compares attacks that know little with attacks that follow gradients for many steps and should win.</summary>
/// <remarks>
/// Fires where the best of the former succeeds more often than the best of the latter by more than chance: the intervals do not meet. Compared are attacks of one
/// strength and one goal, in the norm of the evaluation: it is harder to reach a class than to leave one, and a budget in another norm is wasted.
/// </remarks>
public abstract class StrongerByRightCheck : ReportCheck
{
    private protected StrongerByRightCheck() { }

    private protected abstract bool IsWeaker(Knowledge knowledge);

    private protected virtual bool IsStronger(Knowledge knowledge) => knowledge.FollowsGradients();

    private protected abstract Finding Tell(DefenseResult defense, string epsilon, CellResult weaker, CellResult stronger);

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(EvaluationReport report)
    {
        var attacks = report.Settings.Attacks;
        var comparable = Enumerable.Range(0, attacks.Count).Where(cell => attacks[cell].IsIn(report.Settings.Norm)).GroupBy(cell => attacks[cell].Goal)
            .Select(cells => (Weaker: Those(cells, IsWeaker), Stronger: Those(cells, IsStronger))).ToArray();
        foreach (var defense in report.Defenses)
            foreach (var (strength, cells) in defense.Strengths.Reverse().SelectMany(strength => comparable.Select(cells => (strength, cells))))
            {
                var (weaker, stronger) = (Best(strength, cells.Weaker), Best(strength, cells.Stronger));
                if (weaker is null || stronger is null || weaker.Outcome.Success!.MeanDraw.Lower <= stronger.Outcome.Success!.MeanDraw.Upper) continue;
                yield return Tell(defense, ReportFormat.Epsilon(strength.Epsilon, report.Settings), weaker, stronger);
                break;
            }

        int[] Those(IEnumerable<int> cells, Func<Knowledge, bool> fits) =>
            [.. cells.Where(cell => attacks[cell].Knowledge is { } knowledge && fits(knowledge))];
    }

    private static CellResult? Best(StrengthResult strength, int[] cells) =>
        cells.Select(cell => strength.Cells[cell]).Where(cell => cell.Outcome.Success is not null).MaxBy(cell => cell.Outcome.Success!.MeanDraw.Rate);

    private protected static double Percent(CellResult cell) => 100 * cell.Outcome.Success!.MeanDraw.Rate;
}
