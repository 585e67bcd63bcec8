using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Models;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class LargeBudgetCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => ReportCheck.LargeBudget;

    protected override EvaluationReport Broken => new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0.3, 0.7])], Strengths = [0.1, 0.5] }.Report();

    [Fact]
    public void Grey_need_not_be_the_class_that_an_attack_wants() =>
        Subject.Inspect(new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0.3, 0.7])], Strengths = [0.1, 0.5],
            Goals = ["reach the next class"] }.Report()).Should().BeEmpty();

    [Theory]
    [InlineData(0.49, "Linf", 0.7)]
    [InlineData(5, "L2", 0.7)]
    [InlineData(0.5, "Linf", 0.97)]
    [InlineData(0.5, "Linf", 0.94)]   // chance may have kept one in a hundred
    public void Only_a_budget_that_reaches_plain_grey_and_misses_counts(double epsilon, string norm, double success) =>
        Subject.Inspect(new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0.3, success])], Strengths = [0.1, epsilon], Norm = norm }
            .Report()).Should().BeEmpty();
}
