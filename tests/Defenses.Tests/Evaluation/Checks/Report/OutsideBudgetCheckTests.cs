using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Models;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class OutsideBudgetCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => ReportCheck.OutsideBudget;

    protected override EvaluationReport Broken => new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0.5, 1])], Outside = 3 }.Report();

    [Fact]
    public void Counts_the_images_over_all_strengths() => Subject.Inspect(Broken).Single().Reason.Should().StartWith("6 adversarial images");

    [Fact]
    public void One_image_is_enough_and_none_is_counted_twice()
    {
        var report = new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0.5, 1]),
            (new Pgd(0.1), AttackerView.Eot(5), [0.5, 1])], Outside = 1 }.Report();
        var strengths = report.Defenses[0].Strengths
            .Select(strength => strength with { Cells = [strength.Cells[0], strength.Cells[1] with { SameAs = "plain" }] });
        var same = report.Defenses[0] with { Strengths = [.. strengths] };
        Subject.Inspect(report with { Defenses = [same] }).Single().Reason.Should()
            .StartWith("2 adversarial images", "one at each strength; a view that adds nothing was not run");
        var once = same with { Strengths = [same.Strengths[0]] };
        Subject.Inspect(report with { Defenses = [once] }).Single().Reason.Should().StartWith("1 adversarial image");
    }
}
