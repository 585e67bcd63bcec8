using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ReportCheck.NotAttempted"/>
internal sealed class NotAttemptedCheck : ReportCheck
{
    public override string Title => "Attack without a start";

    protected override IEnumerable<Finding> InspectCore(EvaluationReport report)
    {
        var images = report.Settings.Images;
        foreach (var defense in report.Defenses)
            foreach (var (number, cell) in defense.Strengths[0].Cells.Index())
            {
                var most = defense.Strengths.Max(strength => strength.Cells[number].Outcome.NotAttempted);
                if (most > 0 && cell.SameAs is null)
                    yield return Finding(Severity.Warning,
                        $"{cell.Attack} from the view '{cell.View}' found no start on {most} of {images} images: its rate says nothing about them.",
                        "Give the attack images to start at (Start), or add an attack that needs no start, such as Square.", defense);
            }
    }
}
