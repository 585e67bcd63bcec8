using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds a defense that answers at random although no attack averaged over its draws.</summary>
/// <remarks>
/// An attack that follows single draws follows noise. Asked are the attacks that want any class but the label, if there are any. Counts as
/// averaging: two draws or more behind a gradient, of the view or of the attack itself (<see cref="AttackSettings.Draws"/>), unless the view is
/// the plain one on the defense. Source: Athalye et al. 2018; Carlini et al. 2019, "properly ensemble over randomness".
/// </remarks>
public sealed class MissingEotCheck : ReportCheck
{
    /// <inheritdoc/>
    public override string Title => "Random answers, but no attack averaged over draws";

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(EvaluationReport report)
    {
        var averaging = Averaging(report.Settings.Attacks);
        bool IsAveraged(DefenseResult defense) => averaging.Any(cell => defense.Strengths[0].Cells[cell].SameAs is null);
        return report.Defenses.Where(defense => defense.IsRandom && !IsAveraged(defense)).Select(defense => Finding(Severity.Warning,
            $"The defense draws afresh at every answer, and every attack saw one draw at a time: what holds may be the attacker's confusion only.",
            "Add the same attack with AttackerView.Eot(20), and one on a fixed draw.", defense));
    }

    // One that averages towards a target does not stand for the easier goal, where others go for it.
    // One of which a report does not say is given the benefit of the doubt.
    private static int[] Averaging(IReadOnlyList<AttackSettings> attacks)
    {
        var avoids = attacks.Any(attack => attack.AvoidsLabel);
        return [.. Enumerable.Range(0, attacks.Count).Where(cell => (attacks[cell].AvoidsLabel || !avoids) && attacks[cell].Draws is not 1)];
    }
}
