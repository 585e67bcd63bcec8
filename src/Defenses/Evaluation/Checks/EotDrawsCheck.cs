using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds that averaging over more draws still lowers accuracy: the largest number of draws tried is not enough.</summary>
/// <remarks>
/// Compares, at each strength, the two largest numbers of draws that the same attack with the same goal was run with, on views
/// that differ in nothing else. Fires where success rises by more than chance: the intervals do not meet.
/// </remarks>
public sealed class EotDrawsCheck : ReportCheck
{
    /// <inheritdoc/>
    public override string Title => "More draws still lower accuracy";

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(EvaluationReport report)
    {
        var attacks = report.Settings.Attacks;
        var series = Enumerable.Range(0, attacks.Count).Where(cell => attacks[cell].Draws > 1)
            .GroupBy(cell => (attacks[cell].Attack, attacks[cell].Goal, attacks[cell].Averages))
            .Select(cells => cells.OrderBy(cell => attacks[cell].Draws).TakeLast(2).ToArray())
            .Where(pair => pair.Length == 2 && attacks[pair[0]].Draws < attacks[pair[1]].Draws).ToArray();
        foreach (var defense in report.Defenses.Where(defense => defense.IsRandom))
            foreach (var (strength, pair) in defense.Strengths.Reverse().SelectMany(strength => series.Select(pair => (strength, pair))))
            {
                var (fewer, more) = (strength.Cells[pair[0]], strength.Cells[pair[1]]);
                if (fewer.Outcome.Success?.MeanDraw is not { } less || more.Outcome.Success?.MeanDraw is not { } greater || greater.Lower <= less.Upper) continue;
                yield return Finding(Severity.Warning,
                    $"{more.Attack} fools {100 * less.Rate:F0} % with {fewer.View} and {100 * greater.Rate:F0} % with {more.View} at ε = {ReportFormat.Epsilon(strength.Epsilon, report.Settings)}: it has not settled.",
                    "Add views of more draws until accuracy no longer falls.", defense);
                break;
            }
    }
}
