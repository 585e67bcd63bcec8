using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Tests.Contracts;
using Defenses.Tests.Evaluation.Reporting;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class WideIntervalsCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => new WideIntervalsCheck();

    protected override EvaluationReport Broken => SampleReport.Make(100, 10, 2);

    [Theory]
    [InlineData(64, 0.5, Severity.Warning)]
    [InlineData(64, 1, null)]              // all fooled: that is certain enough
    [InlineData(200, 0.5, Severity.Note)]
    [InlineData(500, 0.5, null)]
    public void Few_images_make_a_defense_suspicious_and_some_are_worth_a_note(int images, double success, Severity? severity) =>
        Subject.Inspect(new Figures { Cells = [("Pgd { }", "plain", [success, success])], Images = images }.Report()).SingleOrDefault()?.Severity.Should().Be(severity);
}
