using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class OutsideBudgetCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => new OutsideBudgetCheck();

    protected override EvaluationReport Broken => new Figures { Cells = [("Pgd { }", "plain", [0.5, 1])], Outside = 3 }.Report();

    [Fact]
    public void Counts_the_images_over_all_strengths() => Subject.Inspect(Broken).Single().Reason.Should().StartWith("6 adversarial images");
}
