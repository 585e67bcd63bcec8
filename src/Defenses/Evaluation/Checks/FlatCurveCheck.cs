using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds a larger ε that does not fool more: whoever may change more can do all that he could do with less.</summary>
/// <remarks>
/// Looks at the worst attack for each image. Fires where success falls by more than chance (the intervals do not meet), or where ε grows by half or more and
/// success, above 5 % and below 95 % for sure, does not rise at all. Source: Carlini et al. 2019, section 4.3 ("increasing the perturbation budget
/// strictly increases attack success rate").
/// </remarks>
public sealed class FlatCurveCheck : ReportCheck
{
    private const double Growth = 1.5 - 1e-9, Something = 0.05;   // 1.5·0.1 is a little above 0.15

    /// <inheritdoc/>
    public override string Title => "A larger budget does not fool more";

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(EvaluationReport report)
    {
        foreach (var defense in report.Defenses)
            foreach (var (small, large) in Pairs(defense.Strengths))
            {
                if (small.Worst.Success?.MeanDraw is not { } less || large.Worst.Success?.MeanDraw is not { } more) continue;
                var falls = more.Upper < less.Lower;
                var stands = large.Epsilon >= Growth * small.Epsilon && more.Rate <= less.Rate && less.Lower > Something && more.Upper < 1 - Something;
                if (!falls && !stands) continue;
                yield return Finding(Severity.Warning,
                    $"At ε = {ReportFormat.Epsilon(small.Epsilon, report.Settings)} the attacks fool {100 * less.Rate:F0} %, at {ReportFormat.Epsilon(large.Epsilon, report.Settings)} {100 * more.Rate:F0} %, though the larger budget allows all that the smaller one does.",
                    "The attacks get lost: use smaller steps, more of them, and restarts; check gradients for zeros and saturation.", defense);
                break;
            }
    }

    private static IEnumerable<(StrengthResult, StrengthResult)> Pairs(IReadOnlyList<StrengthResult> strengths) =>
        from i in Enumerable.Range(0, strengths.Count) from j in Enumerable.Range(i + 1, strengths.Count - i - 1) select (strengths[i], strengths[j]);
}
