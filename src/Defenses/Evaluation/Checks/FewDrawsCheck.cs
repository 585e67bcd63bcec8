using Defenses.Evaluation.Reporting;

namespace Defenses.Evaluation.Checks;

/// <summary>Notes that random defenses were judged by fewer than 30 draws.</summary>
public sealed class FewDrawsCheck : ReportCheck
{
    private const int Few = 30;

    /// <inheritdoc/>
    public override string Title => "Few draws";

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(EvaluationReport report)
    {
        if (report.Settings.Draws < Few && report.Defenses.Any(defense => defense.IsRandom))
            yield return Finding(Severity.Note, $"Random defenses were judged by {report.Settings.Draws} draws of each image, so majority and worst of k are coarse.",
                "Judge by 100 draws for figures to rely on.");
    }
}
