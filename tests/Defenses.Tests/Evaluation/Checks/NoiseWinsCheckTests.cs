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
}
