using Defenses.Evaluation.Reporting;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds a defense that answers at random although no attack averaged over its draws.</summary>
/// <remarks>
/// An attack that follows single draws follows noise. Asked are the attacks that want any class but the label, if there are any. Counts as averaging: a view "EOT n" with n of at least 2, <see cref="Attacks.AutoAttackRandomized"/>, and
/// a view whose name holds "all paths". Source: Athalye et al. 2018; Carlini et al. 2019, "properly ensemble over randomness".
/// </remarks>
public sealed class MissingEotCheck : ReportCheck
{
    /// <inheritdoc/>
    public override string Title => "Random answers, but no attack averaged over draws";

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(EvaluationReport report) => Deciding(report.Settings.Attacks).Any(attack => AttackFacts.EotDraws(attack) > 1)
        ? []
        : report.Defenses.Where(defense => defense.IsRandom).Select(defense => Finding(Severity.Warning,
            $"The defense draws afresh at every answer, and every attack saw one draw at a time: what holds may be the attacker's confusion only.",
            "Add the same attack with View.Eot(20), and one on a fixed draw.", defense));

    // One that averages towards a target does not stand for the easier goal, where others go for it.
    private static IEnumerable<AttackSettings> Deciding(IReadOnlyList<AttackSettings> attacks) => attacks.Any(AttackFacts.AvoidsLabel) ? attacks.Where(AttackFacts.AvoidsLabel) : attacks;
}
