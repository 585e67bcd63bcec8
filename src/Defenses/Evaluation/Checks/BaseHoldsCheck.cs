using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds that the attacks do not break the first defense, mostly the unprotected model: then they say little about the others.</summary>
/// <remarks>Fires when, at the largest ε, more than a fifth of its answers hold for sure: the lower end of the interval lies above 20 %.</remarks>
public sealed class BaseHoldsCheck : ReportCheck
{
    private const double NotBroken = 0.2;

    /// <inheritdoc/>
    public override string Title => "The attacks do not break the first defense";

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(EvaluationReport report)
    {
        var first = report.Defenses[0];
        if (first.Strengths[^1].Worst.DefenseRate is { } rate && rate.Lower > NotBroken)
            yield return Finding(Severity.Warning,
                $"At the largest ε, {ReportFormat.Epsilon(report.Settings.Strengths[^1], report.Settings)}, {100 * rate.Rate:F0} % of the answers of '{first.Name}' still hold, so the attacks say little about the others.",
                "If it is meant to be unprotected, use stronger attacks or a larger ε.", first);
    }
}
