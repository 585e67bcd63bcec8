
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds a defense that recognises no image: weights, labels or preprocessing are wrong, and there is nothing to attack.</summary>
public sealed class NothingRecognisedCheck : ReportCheck
{
    /// <inheritdoc/>
    public override string Title => "Recognises nothing";

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(EvaluationReport report) => report.Defenses.Where(defense => defense.Recognised == 0).Select(defense =>
        Finding(Severity.Invalid, $"No image is recognised without an attack, so there is nothing to attack.", "Check the weights, the labels and the preprocessing.", defense));
}
