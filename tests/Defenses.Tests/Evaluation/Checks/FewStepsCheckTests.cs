using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class FewStepsCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => new FewStepsCheck();

    protected override EvaluationReport Broken => new Figures { Cells = [("Fgsm { Epsilon = 0.1 }", "plain", [0.1, 0.3]), ("Pgd { Epsilon = 0.1, Steps = 9, Restarts = 1 }", "plain", [0.1, 0.4])] }.Report();

    [Theory]
    [InlineData("Pgd { Norm = Linf, Steps = 10 }", 0.4, false)]
    [InlineData("Pgd { Norm = L2, Steps = 100 }", 0.4, true)]             // its steps are in another norm
    [InlineData("CarliniWagner { Steps = 3, SearchSteps = 9 }", 0.4, true)]
    [InlineData("Jsma { Gamma = 0.1 }", 0.4, false)]                      // names no steps
    [InlineData("Mine", 0.4, false)]
    [InlineData("Square { Candidates = 100 }", 0.4, true)]                // asks; the climb beside it is that of Fgsm
    [InlineData("Pgd { Steps = 3 }", 0.96, false)]                        // nothing is left to break
    [InlineData("Pgd { Steps = 3 }", 0.9, true)]
    public void The_longest_climb_in_the_norm_of_the_evaluation_counts(string options, double success, bool fires) =>
        Subject.Inspect(new Figures { Cells = [("Fgsm { }", "plain", [0.1, 0.2]), (options, "plain", [0.1, success])] }.Report()).Any().Should().Be(fires);

    [Fact]
    public void An_evaluation_without_climbs_has_none_that_is_too_short() =>
        Subject.Inspect(new Figures { Cells = [("Square { }", "plain", [0.1, 0.2])] }.Report()).Should().BeEmpty();

    [Fact]
    public void The_steps_at_the_headline_strength_count()
    {
        Subject.Inspect(Report(0.1)).Should().BeEmpty();
        Subject.Inspect(Report(0.2)).Should().ContainSingle().Which.Reason.Should().Contain("more than 3 steps");
        static EvaluationReport Report(double headline)
        {
            var report = new Figures { Cells = [("Pgd { }", "plain", [0.3, 0.3])], Headline = headline }.Report();
            return report with { Settings = report.Settings with { Attacks = [new AttackSettings("PGD", "plain", "avoid the label", ["Pgd { Steps = 50 }", "Pgd { Steps = 3 }"])] } };
        }
    }
}
