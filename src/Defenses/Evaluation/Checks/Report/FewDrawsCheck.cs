using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ReportCheck.FewDraws"/>
internal sealed class FewDrawsCheck : ReportCheck
{
    private const int Few = 30, TooFew = 10;

    public override string Title => "Few draws";

    protected override IEnumerable<Finding> InspectCore(EvaluationReport report)
    {
        var (settings, random) = (report.Settings, report.Defenses.Where(defense => defense.IsRandom).ToArray());
        if (settings.Draws >= Few || random.Length == 0) return [];
        var headline = settings.Strengths.ToList().IndexOf(settings.Headline);
        Finding[] serious = settings.Draws >= TooFew ? [] :
        [
            .. random.Where(defense => Holds(defense, headline)).Select(defense => Finding(Severity.Warning,
                $"It was judged by {settings.Draws} draws of each image: one or two draws decide which images it recognises and which it loses.",
                "Judge by 30 draws or more; by 100 for figures to rely on.", defense)),
        ];
        return serious.Length > 0 ? serious : [Finding(Severity.Note,
            $"Random defenses were judged by {settings.Draws} draws of each image, so majority and worst of k are coarse.",
            "Judge by 100 draws for figures to rely on.")];
    }
}
