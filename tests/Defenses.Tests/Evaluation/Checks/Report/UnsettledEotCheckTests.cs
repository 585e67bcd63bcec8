using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class UnsettledEotCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => ReportCheck.UnsettledEot;

    protected override EvaluationReport Broken => new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0.1, 0.2]),
        (new Pgd(0.1), AttackerView.Eot(5), [0.3, 0.5]), (new Pgd(0.1), AttackerView.Eot(20), [0.4, 0.7])], IsRandom = true }.Report();

    [Fact]
    public void Compares_the_two_largest_numbers_of_draws() =>
        Subject.Inspect(new Figures { Cells = [(new Pgd(0.1), AttackerView.Eot(20), [0.4, 0.7]), (new Pgd(0.1), AttackerView.Eot(5), [0.1, 0.2]),
            (new Pgd(0.1), AttackerView.Eot(10), [0.4, 0.68])], IsRandom = true }.Report())
            .Should().BeEmpty();

    [Fact]
    public void Attacks_of_different_goals_are_not_compared() =>
        Subject.Inspect(new Figures { Cells = [(new Pgd(0.1), AttackerView.Eot(5), [0.1, 0.2]), (new Pgd(0.1), AttackerView.Eot(10), [0.4, 0.9])],
            Goals = ["reach the next class", "avoid the label"], IsRandom = true }.Report())
            .Should().BeEmpty();

    [Fact]
    public void Attacks_of_different_names_are_not_compared() =>
        Subject.Inspect(new Figures { Cells = [(new Pgd(0.1), AttackerView.Eot(5), [0.1, 0.2]), (new Apgd(0.1), AttackerView.Eot(10), [0.4, 0.9])],
            IsRandom = true }.Report()).Should().BeEmpty();

    [Fact]
    public void A_deterministic_defense_and_an_attack_that_averaged_once_only_are_let_be()
    {
        Subject.Inspect(new Figures { Cells = [(new Pgd(0.1), AttackerView.Eot(5), [0.3, 0.5]), (new Pgd(0.1), AttackerView.Eot(20), [0.4, 0.7])] }
            .Report()).Should().BeEmpty("what rises there is luck");
        Subject.Inspect(new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0.1, 0.2]), (new Pgd(0.1), AttackerView.Eot(20), [0.4, 0.7])],
            IsRandom = true }.Report()).Should().BeEmpty("single draws are no average");
    }

    [Fact]
    public void Views_are_compared_that_differ_in_the_number_of_draws_only()
    {
        AttackerView straight5 = AttackerView.StraightThrough.AveragedOver(5), straight20 = AttackerView.StraightThrough.AveragedOver(20);
        Found(AttackerView.Eot(5), straight20).Should().BeEmpty("what wins may be the surrogate");
        Found(AttackerView.Eot(5), AttackerView.Eot(20, EotAverage.Probabilities)).Should().BeEmpty("what wins may be the average");
        Found(AttackerView.Eot(20), straight20).Should().BeEmpty();
        Found(straight5, straight20).Should().ContainSingle().Which.Reason.Should().Contain("straight through, EOT 20");
        Found(AttackerView.Eot(5), AttackerView.AllPaths).Should().ContainSingle("all paths are all draws");
    }

    private IEnumerable<Finding> Found(AttackerView fewer, AttackerView more) =>
        Subject.Inspect(new Figures { Cells = [(new Pgd(0.1), fewer, [0.3, 0.5]), (new Pgd(0.1), more, [0.4, 0.7])], IsRandom = true }.Report());
}
