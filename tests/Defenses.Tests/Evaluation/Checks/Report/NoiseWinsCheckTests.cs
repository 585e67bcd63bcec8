using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Models;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class NoiseWinsCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => ReportCheck.NoiseWins;

    protected override EvaluationReport Broken => new Figures { Cells = [(new Noise(0.1), AttackerView.Plain, [0.3, 0.5]),
        (new Pgd(0.1), AttackerView.Plain, [0.1, 0.2]), (new Fgsm(0.1), AttackerView.Plain, [0.2, 0.3])] }.Report();

    [Fact]
    public void The_best_gradient_attack_of_all_counts() =>
        Subject.Inspect(new Figures { Cells = [(new Noise(0.1), AttackerView.Plain, [0.3, 0.5]), (new Pgd(0.1), AttackerView.Plain, [0.1, 0.2]),
            (new Pgd(0.1), AttackerView.Eot(9), [0.3, 0.49])] }.Report()).Should().BeEmpty();

    [Fact]
    public void Noise_alone_beats_nobody() => Subject.Inspect(new Figures { Cells = [(new Noise(0.1), AttackerView.Plain, [0.3, 0.5])] }.Report())
        .Should().BeEmpty();

    [Fact]
    public void Only_what_asks_nothing_is_noise_and_only_what_follows_gradients_should_beat_it()
    {
        Fires(new Noise(0.1), new Fgsm(0.1)).Should().BeTrue("one step along the gradient should beat noise, too");
        Fires(new Noise(0.1), new AutoAttackStandard(0.1)).Should().BeTrue();
        Fires(new Mine(Knowledge.None), new Mine(Knowledge.Gradient)).Should().BeTrue("both say what they ask");
        Fires(new WorstOf(new Noise(0.1), new Noise(0.1) { Kind = NoiseKind.Gaussian }), new Pgd(0.1)).Should().BeTrue();
        Fires(new Noise(0.1), new Mine(Knowledge.Scores)).Should().BeFalse("it follows no gradient");
        Fires(new Square(0.1), new Pgd(0.1)).Should().BeFalse("it asks the model: that is no noise");
    }

    private bool Fires(Attack winner, Attack loser) =>
        Subject.Inspect(new Figures { Cells = [(winner, AttackerView.Plain, [0.3, 0.5]), (loser, AttackerView.Plain, [0.1, 0.2])] }.Report()).Any();
}
