using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Models;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class SingleStepWinsCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => ReportCheck.SingleStepWins;

    protected override EvaluationReport Broken => new Figures { Cells = [(new Fgsm(0.1), AttackerView.Eot(5), [0.3, 0.5]),
        (new Pgd(0.1), AttackerView.Plain, [0.1, 0.2])] }.Report();

    [Fact]
    public void Without_an_attack_of_many_steps_there_is_nothing_to_compare() =>
        Subject.Inspect(new Figures { Cells = [(new Fgsm(0.1), AttackerView.Plain, [0.3, 0.5]), (new Square(0.1), AttackerView.Plain, [0.1, 0.2])] }
            .Report()).Should().BeEmpty();

    [Fact]
    public void Noise_is_no_step() => Subject.Inspect(new Figures { Cells = [(new Noise(0.1), AttackerView.Plain, [0.3, 0.5]),
        (new Pgd(0.1), AttackerView.Plain, [0.1, 0.2])] }.Report()).Should().BeEmpty();

    [Fact]
    public void An_ensemble_of_many_steps_should_not_lose_either() =>
        Subject.Inspect(new Figures { Cells = [(new Fgsm(0.1), AttackerView.Plain, [0.3, 0.5]),
            (new AutoAttackStandard(0.1), AttackerView.Plain, [0.1, 0.2])] }.Report())
            .Should().ContainSingle();
}
