using Defenses.Evaluation.Reporting;
using Defenses.Statistics;

namespace Defenses.Evaluation.Checks;

/// <summary>Notes that rates are known only within more than five points to either side.</summary>
public sealed class WideIntervalsCheck : ReportCheck
{
    private const double Wide = 0.05;

    /// <inheritdoc/>
    public override string Title => "Wide intervals";

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(EvaluationReport report)
    {
        var widest = report.Defenses.SelectMany(defense => defense.Strengths).Select(strength => strength.Worst.DefenseRate).OfType<Proportion>()
            .Select(rate => (rate.Upper - rate.Lower) / 2).DefaultIfEmpty(1).Max();
        if (widest > Wide)
            yield return Finding(Severity.Note, $"With {report.Settings.Images} images a rate is known only within ±{100 * widest:F0} points.",
                "Compare intervals, not values, and evaluate more images.");
    }
}
