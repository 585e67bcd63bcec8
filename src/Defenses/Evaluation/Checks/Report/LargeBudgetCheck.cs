using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ReportCheck.LargeBudget"/>
internal sealed class LargeBudgetCheck : ReportCheck
{
    private const double Broken = 0.95;

    public override string Title => "Holds at a budget that nothing can hold at";

    protected override IEnumerable<Finding> InspectCore(EvaluationReport report)
    {
        var settings = report.Settings;
        if (!settings.Attacks.Any(attack => attack.AvoidsLabel)) yield break;
        if (settings.Norm != Norm.Linf.ToString() || settings.Strengths[^1] < (settings.Upper - settings.Lower) / 2) yield break;
        var epsilon = ReportFormat.Epsilon(settings.Strengths[^1], settings);
        foreach (var defense in report.Defenses)
            if (defense.Strengths[^1].Worst.Success?.MeanDraw is { } success && success.Upper < Broken)
                yield return Finding(Severity.Invalid,
                    $"ε = {epsilon} turns every image into plain grey, yet only {100 * success.Rate:F0} % of the answers are wrong: the attacks failed.",
                    "Use more steps, larger steps and restarts, a loss on logits, EOT and the straight-through view; or attacks without gradients.", defense);
    }
}
