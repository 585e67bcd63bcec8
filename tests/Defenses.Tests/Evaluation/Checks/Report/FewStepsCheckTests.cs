using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class FewStepsCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => ReportCheck.FewSteps;

    protected override EvaluationReport Broken =>
        new Figures { Cells = [(new Fgsm(0.1), AttackerView.Plain, [0.1, 0.3]),
            (new Pgd(0.1) { Steps = 9, Restarts = 1 }, AttackerView.Plain, [0.1, 0.4])] }.Report();

    [Fact]
    public void The_longest_climb_in_the_norm_of_the_evaluation_counts()
    {
        Fires(new Pgd(0.1) { Steps = 10 }).Should().BeFalse();
        Fires(new Pgd(0.1) { Norm = Norm.L2 }).Should().BeTrue("its steps are in another norm");
        Fires(new CarliniWagner { Norm = Norm.Linf, Steps = 3 }).Should().BeTrue();
        Fires(new Jsma()).Should().BeTrue("its norm is another one");
        Fires(new Mine(Knowledge.Gradient)).Should().BeFalse("it names no steps");
        Fires(new Mine(Knowledge.Gradient, 3)).Should().BeTrue("it names them");
        Fires(new Square(0.1)).Should().BeTrue("it asks; the climb beside it is that of FGSM");
        Fires(new AutoAttackStandard(0.1) { Steps = 3 }).Should().BeTrue();
        Fires(new AutoAttackStandard(0.1)).Should().BeFalse();
        Fires(new WorstOf(new Fgsm(0.1), new Pgd(0.1) { Steps = 3 }, new Square(0.1))).Should().BeTrue();
        Fires(new WorstOf(new Fgsm(0.1), new Pgd(0.1) { Steps = 30 }, new Square(0.1))).Should().BeFalse();
        Fires(new Pgd(0.1) { Steps = 3 }, 0.9).Should().BeTrue();
        Fires(new Pgd(0.1) { Steps = 3 }, 0.96).Should().BeFalse("nothing is left to break");
    }

    private bool Fires(Attack attack, double success = 0.4) =>
        Subject.Inspect(new Figures { Cells = [(new Fgsm(0.1), AttackerView.Plain, [0.1, 0.2]), (attack, AttackerView.Plain, [0.1, success])] }
            .Report()).Any();

    [Fact]
    public void An_evaluation_without_climbs_has_none_that_is_too_short() =>
        Subject.Inspect(new Figures { Cells = [(new Square(0.1), AttackerView.Plain, [0.1, 0.2])] }.Report()).Should().BeEmpty();

    [Fact]
    public void The_steps_at_the_headline_strength_count()
    {
        Subject.Inspect(Report(0.1)).Should().BeEmpty();
        Subject.Inspect(Report(0.2)).Should().ContainSingle().Which.Reason.Should().Contain("more than 3 steps");
        static EvaluationReport Report(double headline)
        {
            var report = new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0.3, 0.3])], Headline = headline }.Report();
            var entry = new AttackEntry("PGD", epsilon => new Pgd(epsilon) { Steps = epsilon == 0.1 ? 50 : 3 });
            return report with { Settings = report.Settings with { Attacks = [entry.Settings(["", ""], headline)] } };
        }
    }

    [Fact]
    public void A_report_that_does_not_say_is_let_be()
    {
        var report = Broken;
        var silent = report.Settings.Attacks.Select(attack => new AttackSettings(attack.Attack, attack.View, attack.Goal, attack.Options)).ToArray();
        Subject.Inspect(report with { Settings = report.Settings with { Attacks = silent } }).Should().BeEmpty("earlier versions did not note the steps");
    }
}
