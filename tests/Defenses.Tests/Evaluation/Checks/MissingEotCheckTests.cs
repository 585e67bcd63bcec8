using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class MissingEotCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => new MissingEotCheck();

    protected override EvaluationReport Broken => new Figures { Cells = [("Pgd { }", "plain", [0.5, 1]), ("Pgd { }", "EOT 1", [0.5, 1]), ("Pgd { }", "fixed draw", [0.5, 1])], IsRandom = true }.Report();

    [Theory]
    [InlineData("Pgd { }", "EOT 2")]
    [InlineData("AutoAttackRandomized { Epsilon = 0.1 }", "plain")]
    [InlineData("Pgd { }", "all paths")]
    public void Averaging_over_draws_in_any_way_is_enough(string options, string view) =>
        Subject.Inspect(new Figures { Cells = [(options, view, [0.5, 1])], IsRandom = true }.Report()).Should().BeEmpty();

    [Fact]
    public void Averaging_towards_a_target_does_not_stand_for_the_easier_goal()
    {
        var figures = new Figures { Cells = [("Pgd { }", "plain", [0.5, 1]), ("Pgd { }", "EOT 9", [0.5, 1])], Goals = ["avoid the label", "reach the next class"], IsRandom = true };
        Subject.Inspect(figures.Report()).Should().ContainSingle();
        Subject.Inspect((figures with { Goals = ["reach the next class", "reach the next class"] }).Report()).Should().BeEmpty();
    }

    [Fact]
    public void A_deterministic_defense_needs_no_averaging() => Subject.Inspect(new Figures { Cells = [("Pgd { }", "plain", [0.5, 1])] }.Report()).Should().BeEmpty();
}
