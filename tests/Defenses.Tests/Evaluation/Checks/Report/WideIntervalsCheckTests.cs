using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Tests.Contracts;
using Defenses.Tests.Evaluation.Reporting;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class WideIntervalsCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => ReportCheck.WideIntervals;

    protected override EvaluationReport Broken => SampleReport.Make(100, 10, 2);

    [Theory]
    [InlineData(64, 0.5, Severity.Warning)]
    [InlineData(64, 1, null)]              // all fooled: that is certain enough
    [InlineData(100, 0.5, Severity.Warning)]   // 40 to 60 of 100, and a little more
    [InlineData(108, 0.5, Severity.Note)]
    [InlineData(200, 0.5, Severity.Note)]
    [InlineData(380, 0.5, Severity.Note)]
    [InlineData(420, 0.5, null)]
    [InlineData(500, 0.5, null)]
    public void Few_images_make_a_defense_suspicious_and_some_are_worth_a_note(int images, double success, Severity? severity) =>
        (Subject.Inspect(new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [success, success])], Images = images }
            .Report()).SingleOrDefault()?.Severity).Should().Be(severity);

    // At the larger strength everything is fooled, for sure; at the smaller one half, more or less.
    [Theory]
    [InlineData(0.1, Severity.Warning)]
    [InlineData(0.2, Severity.Note)]
    public void What_is_known_at_the_headline_strength_decides(double headline, Severity severity) =>
        Subject.Inspect(new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0.5, 1])], Images = 64, Headline = headline }
            .Report()).Single().Severity.Should().Be(severity);
}
