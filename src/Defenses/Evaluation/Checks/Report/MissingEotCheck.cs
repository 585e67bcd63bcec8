using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ReportCheck.MissingEot"/>
internal sealed class MissingEotCheck : ReportCheck
{
    public override string Title => "Random answers, but no attack averaged over draws";

    protected override IEnumerable<Finding> InspectCore(EvaluationReport report)
    {
        var averaging = Averaging(report.Settings.Attacks);
        bool IsAveraged(DefenseResult defense) => averaging.Any(cell => defense.Strengths[0].Cells[cell].SameAs is null);
        return report.Defenses.Where(defense => defense.IsRandom && !IsAveraged(defense)).Select(defense => Finding(Severity.Warning,
            $"The defense draws in each answer, and every attack saw one draw at a time: it may hold only because the attacks followed noise.",
            "Add the same attack with AttackerView.Eot(20), and one on a fixed draw.", defense));
    }

    // An attack that averages towards a target does not count where others have the easier goal. An attack whose draws the report does not state counts.
    private static int[] Averaging(IReadOnlyList<AttackSettings> attacks)
    {
        var avoids = attacks.Any(attack => attack.AvoidsLabel);
        return [.. Enumerable.Range(0, attacks.Count).Where(cell => (attacks[cell].AvoidsLabel || !avoids) && attacks[cell].Draws is not 1)];
    }
}
