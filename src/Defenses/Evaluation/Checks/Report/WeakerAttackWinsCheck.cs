using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds an attack that uses less knowledge and fools more than every attack that uses more knowledge.</summary>
/// <remarks>
/// Fires where the best weaker attack succeeds more often than the best stronger one significantly: the intervals do not meet. Compared are attacks at
/// one ε and with one goal, in the norm of the evaluation: a class is harder to reach than to avoid, and a budget in another norm is wasted.
/// </remarks>
internal sealed class WeakerAttackWinsCheck : ReportCheck
{
    private readonly Func<Knowledge, bool> _isWeaker, _isStronger;

    private WeakerAttackWinsCheck(string title, Func<Knowledge, bool> isWeaker, Func<Knowledge, bool> isStronger) =>
        (Title, _isWeaker, _isStronger) = (title, isWeaker, isStronger);

    internal static WeakerAttackWinsCheck Noise { get; } = new(
        "Noise beats all gradient attacks", knowledge => knowledge == Knowledge.None, knowledge => knowledge.FollowsGradients())
    {
        Severity = Severity.Invalid, Weaker = "which knows nothing of the model", Stronger = "the best gradient attack",
        Action = "The gradients lead astray. Use the straight-through view, a loss on logits and attacks without gradients (Square), "
            + "and look for zero gradients.",
    };

    internal static WeakerAttackWinsCheck BlackBox { get; } = new(
        "Attacks without gradients beat all white-box attacks", knowledge => knowledge.QueriesOnly(), knowledge => knowledge.FollowsGradients())
    {
        Weaker = "which uses no gradient of the model", Stronger = "the best gradient attack",
        Action = "The gradients are masked. Use the straight-through view, more EOT draws and a loss on logits. Until then only the stronger attack's figure "
            + "counts.",
    };

    internal static WeakerAttackWinsCheck SingleStep { get; } = new(
        "One step beats many", knowledge => knowledge == Knowledge.SingleStep, knowledge => knowledge.HasFlag(Knowledge.Gradient))
    {
        Weaker = "which makes one step", Stronger = "the best attack of many steps",
        Action = "Give the attacks of many steps more of them, restarts, and a step size of about ε/10.",
    };

    public override string Title { get; }

    private Severity Severity { get; init; } = Severity.Warning;

    // A clause that describes the weaker attack.
    private string Weaker { get; init; } = "";

    private string Stronger { get; init; } = "";

    private string Action { get; init; } = "";

    protected override IEnumerable<Finding> InspectCore(EvaluationReport report)
    {
        var attacks = report.Settings.Attacks;
        var comparable = Enumerable.Range(0, attacks.Count).Where(cell => attacks[cell].IsIn(report.Settings.Norm))
            .GroupBy(cell => (attacks[cell].Goal, attacks[cell].Constraint))
            .Select(cells => (Weaker: Those(cells, _isWeaker), Stronger: Those(cells, _isStronger))).ToArray();
        foreach (var defense in report.Defenses)
            foreach (var (strength, cells) in defense.Strengths.Reverse().SelectMany(strength => comparable.Select(cells => (strength, cells))))
            {
                var (weaker, stronger) = (Best(strength, cells.Weaker), Best(strength, cells.Stronger));
                if (weaker is null || stronger is null || weaker.Outcome.Success!.MeanDraw.Lower <= stronger.Outcome.Success!.MeanDraw.Upper) continue;
                yield return Report(defense, ReportFormat.Epsilon(strength.Epsilon, report.Settings), weaker, stronger);
                break;
            }

        int[] Those(IEnumerable<int> cells, Func<Knowledge, bool> fits) =>
            [.. cells.Where(cell => attacks[cell].Knowledge is { } knowledge && fits(knowledge))];
    }

    private Finding Report(DefenseResult defense, string epsilon, CellResult weaker, CellResult stronger)
    {
        FormattableString one = $"{weaker.Attack} ({weaker.View}), {Weaker}, fools {Percent(weaker):F0} %";
        FormattableString other = $"{Stronger} ({stronger.Attack}, {stronger.View}) only {Percent(stronger):F0} %";
        return Finding(Severity, $"At ε = {epsilon}, {FormattableString.Invariant(one)}, {FormattableString.Invariant(other)}.", Action, defense);
    }

    private static CellResult? Best(StrengthResult strength, int[] cells) =>
        cells.Select(cell => strength.Cells[cell]).Where(cell => cell.Outcome.Success is not null).MaxBy(cell => cell.Outcome.Success!.MeanDraw.Rate);

    private static double Percent(CellResult cell) => 100 * cell.Outcome.Success!.MeanDraw.Rate;
}
