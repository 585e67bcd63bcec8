using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds attacks whose images left the budget or the bounds and were replaced by their originals.</summary>
public sealed class OutsideBudgetCheck : ReportCheck
{
    /// <inheritdoc/>
    public override string Title => "Attack outside its budget";

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(EvaluationReport report)
    {
        foreach (var defense in report.Defenses)
        {
            var outside = defense.Strengths.SelectMany(strength => strength.Cells).Where(cell => cell.SameAs is null).Sum(cell => cell.Outcome.OutsideBudget);
            if (outside > 0)
                yield return Finding(Severity.Warning, $"{outside} adversarial images broke the budget or the bounds, or held NaN; their originals were judged in their place.",
                    $"Give attacks whose budget is ε in the norm {report.Settings.Norm}.", defense);
        }
    }
}
