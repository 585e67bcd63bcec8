using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ReportCheck.UnsettledEot"/>
internal sealed class UnsettledEotCheck : ReportCheck
{
    public override string Title => "Accuracy still falls at the largest number of EOT draws";

    protected override IEnumerable<Finding> InspectCore(EvaluationReport report)
    {
        var pairs = Pairs(report.Settings.Attacks);
        foreach (var defense in report.Defenses.Where(defense => defense.IsRandom))
            foreach (var (strength, (fewer, more)) in defense.Strengths.Reverse().SelectMany(strength => pairs.Select(pair => (strength, pair))))
                if (Rise(strength, strength.Cells[fewer], strength.Cells[more], report, defense) is { } finding)
                {
                    yield return finding;
                    break;
                }
    }

    // Of each attack, goal and view: the numbers of the two entries with most draws, where these differ.
    private static (int Fewer, int More)[] Pairs(IReadOnlyList<AttackSettings> attacks) =>
    [
        .. Enumerable.Range(0, attacks.Count).Where(cell => attacks[cell].Draws > 1)
            .GroupBy(cell => (attacks[cell].Attack, attacks[cell].Goal, attacks[cell].Constraint, attacks[cell].Averages))
            .Select(cells => cells.OrderBy(cell => attacks[cell].Draws).TakeLast(2).ToArray())
            .Where(pair => pair.Length == 2 && attacks[pair[0]].Draws < attacks[pair[1]].Draws).Select(pair => (pair[0], pair[1])),
    ];

    private Finding? Rise(StrengthResult strength, CellResult fewer, CellResult more, EvaluationReport report, DefenseResult defense)
    {
        if (fewer.Outcome.Success?.MeanDraw is not { } less || more.Outcome.Success?.MeanDraw is not { } greater) return null;
        if (greater.Lower <= less.Upper) return null;
        var epsilon = ReportFormat.Epsilon(strength.Epsilon, report.Settings);
        return Finding(Severity.Warning,
            $"At ε = {epsilon}, {more.Attack} fools {100 * less.Rate:F0} % with {fewer.View} and {100 * greater.Rate:F0} % with {more.View}: it still rises.",
            "Add views of more draws until accuracy no longer falls.", defense);
    }
}
