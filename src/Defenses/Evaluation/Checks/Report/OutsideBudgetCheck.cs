using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ReportCheck.OutsideBudget"/>
internal sealed class OutsideBudgetCheck : ReportCheck
{
    public override string Title => "Attack outside its budget";

    protected override IEnumerable<Finding> InspectCore(EvaluationReport report)
    {
        foreach (var defense in report.Defenses)
        {
            var cells = defense.Strengths.SelectMany(strength => strength.Cells).Where(cell => cell.SameAs is null);
            var outside = cells.Sum(cell => cell.Outcome.OutsideBudget);
            if (outside > 0)
                yield return Finding(Severity.Warning,
                    $"{outside} adversarial images broke the budget or the bounds, or held NaN; their originals were judged in their place.",
                    $"Give attacks whose budget is ε in the norm {report.Settings.Norm}.", defense);
        }
    }
}
