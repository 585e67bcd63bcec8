using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Metrics;
using Defenses.Models;
using Defenses.Tests.Contracts;
using Defenses.Tests.Evaluation.Reporting;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class UnboundedScoreCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => ReportCheck.UnboundedScore;

    protected override EvaluationReport Broken => SampleReport.Make(100, 10, 8);

    [Theory]
    [InlineData(0.1, true)]
    [InlineData(0.2, false)]
    public void Only_the_score_at_the_headline_strength_counts(double headline, bool fires)
    {
        var report = new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0.3, 0.5])], Headline = headline }.Report();
        EfficiencyScore open = new(new(0.4, 0.2, 0.6), new(0.005, -0.01, 0.02)), bounded = new(new(0.4, 0.2, 0.6), new(0.1, 0.05, 0.2));
        var strengths = report.Defenses[0].Strengths
            .Zip([open, bounded], (strength, score) => strength with { Worst = strength.Worst with { Efficiency = score } });
        Subject.Inspect(report with { Defenses = [report.Defenses[0] with { Strengths = [.. strengths] }] }).Any().Should().Be(fires);
    }
}
