using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class BaseHoldsCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => new BaseHoldsCheck();

    protected override EvaluationReport Broken => new Figures { Cells = [("Pgd { }", "plain", [0.1, 0.6])] }.Report();

    [Theory]
    [InlineData(0.75, true)]
    [InlineData(0.79, false)]
    public void A_fifth_must_hold_for_sure(double success, bool fires) =>
        Subject.Inspect(new Figures { Cells = [("Pgd { }", "plain", [0.1, success])] }.Report()).Any().Should().Be(fires);
}
