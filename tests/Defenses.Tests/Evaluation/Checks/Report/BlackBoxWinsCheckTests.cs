using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class BlackBoxWinsCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => ReportCheck.BlackBoxWins;

    protected override EvaluationReport Broken => new Figures { Cells = [(new Square(0.1), AttackerView.Plain, [0.3, 0.5]),
        (new Pgd(0.1), AttackerView.Plain, [0.1, 0.2]), (new Noise(0.1), AttackerView.Plain, [0.1, 0.1])] }.Report();

    [Fact]
    public void Attacks_that_want_different_things_are_not_compared()
    {
        (Attack, AttackerView, double[])[] cells = [(new Square(0.1), AttackerView.Plain, [0.3, 0.5]), (new Pgd(0.1), AttackerView.Plain, [0.1, 0.2])];
        Subject.Inspect(new Figures { Cells = cells, Goals = ["avoid the label", "reach the next class"] }.Report()).Should()
            .BeEmpty("it is harder to reach a class than to leave one");
        Subject.Inspect(new Figures { Cells = cells, Goals = ["reach the next class", "reach the next class"] }.Report()).Should().ContainSingle();
    }

    [Fact]
    public void Attacks_in_another_norm_are_not_compared() =>
        Subject.Inspect(new Figures { Cells = [(new Square(0.1), AttackerView.Plain, [0.3, 0.5]), (new DeepFool(), AttackerView.Plain, [0.1, 0.2])] }
            .Report()).Should().BeEmpty();

    [Fact]
    public void Attacks_that_ask_for_answers_only_are_those_that_say_so()
    {
        var source = Digits.Unprotected;
        Attack[] asking =
        [
            new Square(0.1), new HopSkipJump { Norm = Norm.Linf }, new Spsa(0.1), new Transfer(source, new Pgd(0.1)),
                new TransferWithValidation(source, [source], new Pgd(0.1)),
            new WorstOf(new Square(0.1), new Noise(0.1)), new Mine(Knowledge.Scores), new Mine(Knowledge.Decisions),
        ];
        Attack[] others = [new WorstOf(new Square(0.1), new Pgd(0.1)), new AutoAttackStandard(0.1), new Noise(0.1), new Mine(Knowledge.Gradient),
            new Mine(Knowledge.None)];
        foreach (var attack in asking) Found(attack, new Pgd(0.1)).Should().ContainSingle($"{attack} beats an attack that may look inside");
        foreach (var attack in others) Found(attack, new Pgd(0.1)).Should().BeEmpty($"{attack} is no black box");
        foreach (var attack in new Attack[] { new AutoAttackStandard(0.1), new Mine(Knowledge.Gradient) }) Found(new Square(0.1), attack)
            .Should().ContainSingle($"{attack} is beaten");
    }

    private IEnumerable<Finding> Found(Attack winner, Attack loser) =>
        Subject.Inspect(new Figures { Cells = [(winner, AttackerView.Plain, [0.3, 0.5]), (loser, AttackerView.Plain, [0.1, 0.2])] }.Report());
}
