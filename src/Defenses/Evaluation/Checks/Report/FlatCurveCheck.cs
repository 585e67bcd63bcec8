using Defenses.Evaluation.Reporting;
using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ReportCheck.FlatCurve"/>
internal sealed class FlatCurveCheck : ReportCheck
{
    private const double Growth = 1.5 - 1e-9, Something = 0.05;   // 1.5·0.1 is a little above 0.15

    public override string Title => "A larger budget does not fool more";

    protected override IEnumerable<Finding> InspectCore(EvaluationReport report)
    {
        foreach (var defense in report.Defenses)
            foreach (var (small, large) in Pairs(defense.Strengths))
            {
                if (small.Worst.Success?.MeanDraw is not { } less || large.Worst.Success?.MeanDraw is not { } more) continue;
                if (!IsFlat(less, more, large.Epsilon >= Growth * small.Epsilon)) continue;
                var (smallEpsilon, largeEpsilon) = (ReportFormat.Epsilon(small.Epsilon, report.Settings), ReportFormat.Epsilon(large.Epsilon, report.Settings));
                yield return Finding(Severity.Warning,
                    $"At ε = {smallEpsilon} the attacks fool {100 * less.Rate:F0} %, at {largeEpsilon} {100 * more.Rate:F0} %. The larger budget allows more.",
                    "The attacks get lost: use smaller steps, more of them, and restarts; check gradients for zeros and saturation.", defense);
                break;
            }
    }

    // Success falls significantly, or does not rise although the budget grew.
    private static bool IsFlat(Proportion less, Proportion more, bool grew) => more.Upper < less.Lower
        || (grew && more.Rate <= less.Rate && less.Lower > Something && more.Upper < 1 - Something);

    private static IEnumerable<(StrengthResult, StrengthResult)> Pairs(IReadOnlyList<StrengthResult> strengths) =>
        from i in Enumerable.Range(0, strengths.Count) from j in Enumerable.Range(i + 1, strengths.Count - i - 1) select (strengths[i], strengths[j]);
}
