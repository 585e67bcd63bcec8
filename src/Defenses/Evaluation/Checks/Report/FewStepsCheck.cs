using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ReportCheck.FewSteps"/>
internal sealed class FewStepsCheck : ReportCheck
{
    private const int Few = 10;

    public override string Title => "Few steps";

    protected override IEnumerable<Finding> InspectCore(EvaluationReport report)
    {
        var settings = report.Settings;
        var headline = settings.Strengths.ToList().IndexOf(settings.Headline);
        var steps = settings.Attacks.Where(attack => attack.IsIn(settings.Norm) && attack.Knowledge?.FollowsGradients() != false)
            .Select(attack => attack.Steps ?? int.MaxValue).DefaultIfEmpty(int.MaxValue).Max();
        return steps >= Few ? [] : report.Defenses.Where(defense => Holds(defense, headline)).Select(defense => Finding(Severity.Warning,
            $"No attack made more than {steps} steps: what holds may only have been out of its reach.",
            "Use 50 steps of ε/10 or more, and double them until accuracy no longer falls.", defense));
    }
}
