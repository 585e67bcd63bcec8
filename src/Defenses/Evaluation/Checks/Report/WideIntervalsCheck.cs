using Defenses.Evaluation.Reporting;
using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ReportCheck.WideIntervals"/>
internal sealed class WideIntervalsCheck : ReportCheck
{
    private const double Wide = 0.05, TooWide = 0.1;

    public override string Title => "Wide intervals";

    protected override IEnumerable<Finding> InspectCore(EvaluationReport report)
    {
        var headline = report.Settings.Strengths.ToList().IndexOf(report.Settings.Headline);
        Finding[] serious =
        [
            .. report.Defenses.Where(defense => HalfWidth(defense.Strengths[headline]) > TooWide)
                .Select(defense => TooFew(report, defense, defense.Strengths[headline].Worst.DefenseRate!)),
        ];
        if (serious.Length > 0) return serious;
        var widest = report.Defenses.SelectMany(defense => defense.Strengths).Select(HalfWidth).DefaultIfEmpty(0).Max();
        return widest <= Wide ? [] : [Finding(Severity.Note, $"With {report.Settings.Images} images a rate is known only within ±{100 * widest:F0} points.",
            "Compare intervals, not values, and evaluate more images.")];
    }

    private Finding TooFew(EvaluationReport report, DefenseResult defense, Proportion rate)
    {
        var (images, epsilon) = (report.Settings.Images, ReportFormat.Epsilon(report.Settings.Headline, report.Settings));
        return Finding(Severity.Warning,
            $"{images} images show only that between {100 * rate.Lower:F0} and {100 * rate.Upper:F0} % of its answers hold at ε = {epsilon}.",
            "Evaluate at least 400 images before you rely on a figure, 1000 to compare defenses.", defense);
    }

    private static double HalfWidth(StrengthResult strength) => strength.Worst.DefenseRate is { } rate ? (rate.Upper - rate.Lower) / 2 : 0;
}
