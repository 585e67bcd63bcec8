using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ReportCheck.UnboundedScore"/>
internal sealed class UnboundedScoreCheck : ReportCheck
{
    public override string Title => "The score has no bounds";

    protected override IEnumerable<Finding> InspectCore(EvaluationReport report) => report.Defenses.Where(defense => IsOpen(defense, report.Settings.Headline))
        .Select(defense => Finding(Severity.Note,
            $"The loss of accuracy may be zero within its interval, and the defense efficiency score divides by it.",
            "Look at the gain and the loss themselves, or evaluate more images.", defense));

    private static bool IsOpen(DefenseResult defense, double headline) =>
        defense.Strengths.Any(strength => strength.Epsilon == headline && strength.Worst.Efficiency is { Range: null });
}
