using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class NoiseWinsCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => new NoiseWinsCheck();

    protected override EvaluationReport Broken => new Figures { Cells = [("Noise { }", "plain", [0.3, 0.5]), ("Pgd { }", "plain", [0.1, 0.2]), ("Fgsm { }", "plain", [0.2, 0.3])] }.Report();

    [Fact]
    public void The_best_gradient_attack_of_all_counts() =>
        Subject.Inspect(new Figures { Cells = [("Noise { }", "plain", [0.3, 0.5]), ("Pgd { }", "plain", [0.1, 0.2]), ("Pgd { }", "EOT 9", [0.3, 0.49])] }.Report()).Should().BeEmpty();

    [Fact]
    public void Noise_alone_beats_nobody() => Subject.Inspect(new Figures { Cells = [("Noise { }", "plain", [0.3, 0.5])] }.Report()).Should().BeEmpty();

    [Theory]
    [InlineData("Noise", "Fgsm", true)]      // one step along the gradient should beat noise, too
    [InlineData("Noise", "Mine", false)]     // who knows what it follows
    [InlineData("Square", "Pgd", false)]     // asks the model: that is no noise
    public void Noise_is_set_against_what_follows_gradients(string winner, string loser, bool fires) =>
        Subject.Inspect(new Figures { Cells = [($"{winner} {{ }}", "plain", [0.3, 0.5]), ($"{loser} {{ }}", "plain", [0.1, 0.2])] }.Report()).Any().Should().Be(fires);
}
