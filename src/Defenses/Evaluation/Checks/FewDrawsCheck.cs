
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds random defenses that were judged by so few draws that majority and worst of k say little.</summary>
/// <remarks>
/// A note below 30 draws. A warning below 10, for each random defense that holds more than a twentieth of its answers at the headline strength: the majority that decides what
/// is recognised, and the worst of k, then hang on one or two draws.
/// </remarks>
public sealed class FewDrawsCheck : ReportCheck
{
    private const int Few = 30, TooFew = 10;

    /// <inheritdoc/>
    public override string Title => "Few draws";

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(EvaluationReport report)
    {
        var (settings, random) = (report.Settings, report.Defenses.Where(defense => defense.IsRandom).ToArray());
        if (settings.Draws >= Few || random.Length == 0) return [];
        var headline = settings.Strengths.ToList().IndexOf(settings.Headline);
        Finding[] grave = settings.Draws >= TooFew ? [] : [.. random.Where(defense => FewStepsCheck.Holds(defense, headline)).Select(defense => Finding(Severity.Warning,
            $"It was judged by {settings.Draws} draws of each image: which images it recognises and which it loses hangs on one or two draws.", "Judge by 30 draws or more; by 100 for figures to rely on.", defense))];
        return grave.Length > 0 ? grave : [Finding(Severity.Note,
            $"Random defenses were judged by {settings.Draws} draws of each image, so majority and worst of k are coarse.", "Judge by 100 draws for figures to rely on.")];
    }
}
