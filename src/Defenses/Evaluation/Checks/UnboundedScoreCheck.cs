
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Notes that a defense efficiency score has no bounds at the headline strength.</summary>
public sealed class UnboundedScoreCheck : ReportCheck
{
    /// <inheritdoc/>
    public override string Title => "The score has no bounds";

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(EvaluationReport report) => report.Defenses
        .Where(defense => defense.Strengths.Any(strength => strength.Epsilon == report.Settings.Headline && strength.Worst.Efficiency is { Range: null }))
        .Select(defense => Finding(Severity.Note, $"The loss of accuracy may be nothing within its interval, and the defense efficiency score divides by it.",
            "Look at the gain and the loss themselves, or evaluate more images.", defense));
}
