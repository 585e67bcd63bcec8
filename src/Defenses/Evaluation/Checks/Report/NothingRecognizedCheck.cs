using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ReportCheck.NothingRecognized"/>
internal sealed class NothingRecognizedCheck : ReportCheck
{
    public override string Title => "Recognises nothing";

    protected override IEnumerable<Finding> InspectCore(EvaluationReport report) => report.Defenses.Where(defense => defense.Recognized == 0)
        .Select(defense => Finding(Severity.Invalid, $"No image is recognised without an attack, so there is nothing to attack.",
            "Check the weights, the labels and the preprocessing.", defense));
}
