using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class EotDrawsCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => new EotDrawsCheck();

    protected override EvaluationReport Broken => new Figures { Cells = [("Pgd { }", "plain", [0.1, 0.2]), ("Pgd { }", "EOT 5", [0.3, 0.5]), ("Pgd { }", "EOT 20", [0.4, 0.7])], IsRandom = true }.Report();

    [Fact]
    public void Compares_the_two_largest_numbers_of_draws() =>
        Subject.Inspect(new Figures { Cells = [("Pgd { }", "EOT 20", [0.4, 0.7]), ("Pgd { }", "EOT 5", [0.1, 0.2]), ("Pgd { }", "EOT 10", [0.4, 0.68])], IsRandom = true }.Report())
            .Should().BeEmpty();

    [Fact]
    public void Attacks_of_different_goals_are_not_compared() =>
        Subject.Inspect(new Figures { Cells = [("Pgd { }", "EOT 5", [0.1, 0.2]), ("Pgd { }", "EOT 10", [0.4, 0.9])], Goals = ["reach the next class", "avoid the label"], IsRandom = true }.Report())
            .Should().BeEmpty();

    [Fact]
    public void Attacks_of_different_names_are_not_compared() =>
        Subject.Inspect(new Figures { Cells = [("Pgd { }", "EOT 5", [0.1, 0.2]), ("Apgd { }", "EOT 10", [0.4, 0.9])], IsRandom = true }.Report()).Should().BeEmpty();

    [Fact]
    public void A_deterministic_defense_and_an_attack_that_averaged_once_only_are_let_be()
    {
        Subject.Inspect(new Figures { Cells = [("Pgd { }", "EOT 5", [0.3, 0.5]), ("Pgd { }", "EOT 20", [0.4, 0.7])] }.Report()).Should().BeEmpty("what rises there is luck");
        Subject.Inspect(new Figures { Cells = [("Pgd { }", "plain", [0.1, 0.2]), ("Pgd { }", "EOT 20", [0.4, 0.7])], IsRandom = true }.Report()).Should().BeEmpty("single draws are no average");
    }
}
