using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ReportCheck.BaseHolds"/>
internal sealed class BaseHoldsCheck : ReportCheck
{
    private const double NotBroken = 0.2;

    public override string Title => "The attacks do not break the first defense";

    protected override IEnumerable<Finding> InspectCore(EvaluationReport report)
    {
        var first = report.Defenses[0];
        if (first.Strengths[^1].Worst.DefenseRate is not { } rate || rate.Lower <= NotBroken) yield break;
        var epsilon = ReportFormat.Epsilon(report.Settings.Strengths[^1], report.Settings);
        yield return Finding(Severity.Warning,
            $"At the largest ε, {epsilon}, {100 * rate.Rate:F0} % of the answers of '{first.Name}' still hold, so the attacks say little about the others.",
            "If it is meant to be unprotected, use stronger attacks or a larger ε.", first);
    }
}
