using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds a defense that holds against attacks of fewer than ten steps: nobody has tried to break it.</summary>
/// <remarks>
/// Looks at the longest climb at the headline strength, in the norm of the evaluation. Fires where more than a twentieth of the answers hold: where nothing holds, no
/// further step could lower it. Attacks whose options name no steps are taken to have enough. Source: Carlini et al. 2019, section 4.2 ("attacks must converge").
/// </remarks>
public sealed class FewStepsCheck : ReportCheck
{
    private const int Few = 10;

    /// <inheritdoc/>
    public override string Title => "Few steps";

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(EvaluationReport report)
    {
        var settings = report.Settings;
        var headline = settings.Strengths.ToList().IndexOf(settings.Headline);
        var steps = settings.Attacks.Where(attack => attack.IsIn(settings.Norm) && attack.Knowledge?.FollowsGradients() != false)
            .Select(attack => attack.Steps ?? int.MaxValue).DefaultIfEmpty(int.MaxValue).Max();
        return steps >= Few ? [] : report.Defenses.Where(defense => Holds(defense, headline)).Select(defense => Finding(Severity.Warning,
            $"No attack took more than {steps} steps, so what holds may only have been out of its reach.", "Use 50 steps of ε/10 or more, and double them until accuracy no longer falls.", defense));
    }

    /// <summary>Whether something of a defense is left to break at a strength.</summary>
    internal static bool Holds(DefenseResult defense, int strength) => defense.Strengths[strength].Worst.DefenseRate is { Rate: > 0.05 };
}
