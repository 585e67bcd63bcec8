using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds a budget that reaches a plain grey image from any other, under which a defense nevertheless holds: the attack failed, not the defense won.</summary>
/// <remarks>
/// In L∞, ε of half the range turns every image into the same grey one, so an attack that works fools every model, unless it wants a class that grey is not. Fires where ε is as large and the
/// success on single answers lies below 95 % for sure. Source: Carlini et al. 2019, section 4.3 ("with unbounded distortion any attack should reach 100 %").
/// </remarks>
public sealed class LargeBudgetCheck : ReportCheck
{
    private const double Broken = 0.95;

    /// <inheritdoc/>
    public override string Title => "Holds at a budget that nothing can hold at";

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(EvaluationReport report)
    {
        var settings = report.Settings;
        if (!settings.Attacks.Any(attack => attack.AvoidsLabel)) yield break;
        if (settings.Norm != Norm.Linf.ToString() || settings.Strengths[^1] < (settings.Upper - settings.Lower) / 2) yield break;
        foreach (var defense in report.Defenses)
            if (defense.Strengths[^1].Worst.Success?.MeanDraw is { } success && success.Upper < Broken)
                yield return Finding(Severity.Invalid,
                    $"ε = {ReportFormat.Epsilon(settings.Strengths[^1], settings)} turns every image into plain grey, yet only {100 * success.Rate:F0} % of the answers are wrong: the attacks fail to find what is there.",
                    "Use more steps, larger steps and restarts, a loss on logits, EOT and the straight-through view; or attacks without gradients.", defense);
    }
}
