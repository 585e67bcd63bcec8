using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class SingleStepWinsCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => new SingleStepWinsCheck();

    protected override EvaluationReport Broken => new Figures { Cells = [("Fgsm { }", "EOT 5", [0.3, 0.5]), ("Pgd { }", "plain", [0.1, 0.2])] }.Report();

    [Fact]
    public void Without_an_attack_of_many_steps_there_is_nothing_to_compare() =>
        Subject.Inspect(new Figures { Cells = [("Fgsm { }", "plain", [0.3, 0.5]), ("Square { }", "plain", [0.1, 0.2])] }.Report()).Should().BeEmpty();

    [Fact]
    public void Noise_is_no_step() => Subject.Inspect(new Figures { Cells = [("Noise { }", "plain", [0.3, 0.5]), ("Pgd { }", "plain", [0.1, 0.2])] }.Report()).Should().BeEmpty();
}
