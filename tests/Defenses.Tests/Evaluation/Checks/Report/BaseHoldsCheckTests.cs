using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Models;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class BaseHoldsCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => ReportCheck.BaseHolds;

    protected override EvaluationReport Broken => new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0.1, 0.6])] }.Report();

    [Theory]
    [InlineData(0.75, true)]
    [InlineData(0.79, false)]
    public void A_fifth_must_hold_for_sure(double success, bool fires) =>
        Subject.Inspect(new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0.1, success])] }.Report()).Any().Should().Be(fires);

    [Fact]
    public void Only_the_first_defense_is_meant_to_break()
    {
        EvaluationReport broken = new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0.6, 1])] }.Report(), holds = Broken;
        Subject.Inspect(broken with { Defenses = [broken.Defenses[0], holds.Defenses[0]] }).Should().BeEmpty("that the others hold is what they are for");
        Subject.Inspect(broken with { Defenses = [holds.Defenses[0], broken.Defenses[0]] }).Should().ContainSingle();
    }
}
