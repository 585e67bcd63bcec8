using Defenses.Evaluation.Reporting;
using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds rates that so few images back that they decide little.</summary>
/// <remarks>
/// A warning for each defense whose defense rate at the headline strength is known only within more than ten points to either side (fewer than about 100 images, unless
/// nearly all or nearly none hold); otherwise a note where some rate is known only within more than five (fewer than about 400).
/// </remarks>
public sealed class WideIntervalsCheck : ReportCheck
{
    private const double Wide = 0.05, TooWide = 0.1;

    /// <inheritdoc/>
    public override string Title => "Wide intervals";

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(EvaluationReport report)
    {
        var headline = report.Settings.Strengths.ToList().IndexOf(report.Settings.Headline);
        Finding[] grave = [.. report.Defenses.Where(defense => HalfWidth(defense.Strengths[headline]) > TooWide).Select(defense => TooFew(report, defense, defense.Strengths[headline].Worst.DefenseRate!))];
        if (grave.Length > 0) return grave;
        var widest = report.Defenses.SelectMany(defense => defense.Strengths).Select(HalfWidth).DefaultIfEmpty(0).Max();
        return widest <= Wide ? [] : [Finding(Severity.Note, $"With {report.Settings.Images} images a rate is known only within ±{100 * widest:F0} points.",
            "Compare intervals, not values, and evaluate more images.")];
    }

    private Finding TooFew(EvaluationReport report, DefenseResult defense, Proportion rate) => Finding(Severity.Warning,
        $"With {report.Settings.Images} images all that is known is that between {100 * rate.Lower:F0} and {100 * rate.Upper:F0} % of its answers hold at ε = {ReportFormat.Epsilon(report.Settings.Headline, report.Settings)}.",
        "Evaluate at least 400 images before you rely on a figure, 1000 to compare defenses.", defense);

    private static double HalfWidth(StrengthResult strength) => strength.Worst.DefenseRate is { } rate ? (rate.Upper - rate.Lower) / 2 : 0;
}
