using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class FewDrawsCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => new FewDrawsCheck();

    protected override EvaluationReport Broken => new Figures { Cells = [("Pgd { }", "EOT 5", [0.5, 1])], IsRandom = true, Draws = 29 }.Report();

    [Fact]
    public void A_deterministic_defense_needs_no_draws() => Subject.Inspect(new Figures { Cells = [("Pgd { }", "plain", [0.5, 1])], Draws = 1 }.Report()).Should().BeEmpty();
}
