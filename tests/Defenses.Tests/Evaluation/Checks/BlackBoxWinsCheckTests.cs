using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class BlackBoxWinsCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => new BlackBoxWinsCheck();

    protected override EvaluationReport Broken => new Figures { Cells = [("Square { }", "plain", [0.3, 0.5]), ("Pgd { }", "plain", [0.1, 0.2]), ("Noise { }", "plain", [0.1, 0.1])] }.Report();

    [Fact]
    public void Attacks_that_want_different_things_are_not_compared()
    {
        (string, string, double[])[] cells = [("Square { }", "plain", [0.3, 0.5]), ("Pgd { }", "plain", [0.1, 0.2])];
        Subject.Inspect(new Figures { Cells = cells, Goals = ["avoid the label", "reach the next class"] }.Report()).Should().BeEmpty("it is harder to reach a class than to leave one");
        Subject.Inspect(new Figures { Cells = cells, Goals = ["reach the next class", "reach the next class"] }.Report()).Should().ContainSingle();
    }

    [Fact]
    public void Attacks_in_another_norm_are_not_compared() =>
        Subject.Inspect(new Figures { Cells = [("Square { Norm = Linf }", "plain", [0.3, 0.5]), ("DeepFool { Seed = 1, Norm = L2, Steps = 50 }", "plain", [0.1, 0.2])] }.Report()).Should().BeEmpty();

    [Theory]
    [InlineData("Square", true)]
    [InlineData("HopSkipJump", true)]
    [InlineData("Spsa", true)]
    [InlineData("TransferWithValidation", true)]
    [InlineData("WorstOf", false)]
    [InlineData("Mine", false)]
    public void Attacks_that_ask_for_answers_only_are_known_by_type(string type, bool fires) =>
        Subject.Inspect(new Figures { Cells = [($"{type} {{ Epsilon = 1 }}", "plain", [0.3, 0.5]), ("Pgd { }", "plain", [0.1, 0.2])] }.Report()).Any().Should().Be(fires);
}
