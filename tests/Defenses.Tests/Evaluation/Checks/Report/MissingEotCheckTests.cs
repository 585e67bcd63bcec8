using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class MissingEotCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => ReportCheck.MissingEot;

    protected override EvaluationReport Broken => new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0.5, 1]),
        (new Pgd(0.1), AttackerView.Eot(1), [0.5, 1]), (new Pgd(0.1), AttackerView.FixedDraw, [0.5, 1])], IsRandom = true }.Report();

    [Fact]
    public void Averaging_over_draws_in_any_way_is_enough()
    {
        AttackerView[] views =
        [
            AttackerView.Eot(2), AttackerView.AllPaths, AttackerView.Eot(20, EotAverage.Probabilities), AttackerView.StraightThrough.AveragedOver(20),
            AttackerView.SmoothedJumps.AveragedOver(20), AttackerView.DifferentiatedProbabilities.AveragedOver(20), AttackerView.FixedDraws(20),
            new("mine", (model, _) => new Eot(model, 3)) { Draws = 3 },
        ];
        foreach (var view in views) Found(new Pgd(0.1), view).Should().BeEmpty($"{view} averages");
        foreach (var attack in new Attack[] { new AutoAttackRandomized(0.1), new WorstOf(new Pgd(0.1), new AutoAttackRandomized(0.1)),
            new Mine(Knowledge.Gradient, 10, 5) })
            Found(attack, AttackerView.Plain).Should().BeEmpty($"{attack} averages");
    }

    [Fact]
    public void An_attack_that_could_average_and_takes_one_draw_is_not_enough()
    {
        foreach (var view in new[] { AttackerView.Plain, AttackerView.Eot(1), AttackerView.StraightThrough })
            Found(new AutoAttackRandomized(0.1) { Draws = 1 }, view).Should().ContainSingle();
        Found(new AutoAttackRandomized(0.1) { Draws = 1 }, AttackerView.Eot(2)).Should().BeEmpty("its view averages");
    }

    [Fact]
    public void A_view_that_is_the_plain_one_on_the_defense_averages_nothing()
    {
        var report = new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0.5, 1]), (new Pgd(0.1), AttackerView.AllPaths, [0.5, 1])],
            IsRandom = true }.Report();
        var strengths = report.Defenses[0].Strengths
            .Select(strength => strength with { Cells = [strength.Cells[0], strength.Cells[1] with { SameAs = "plain" }] });
        Subject.Inspect(report with { Defenses = [report.Defenses[0] with { Strengths = [.. strengths] }] }).Should().ContainSingle();
    }

    private IEnumerable<Finding> Found(Attack attack, AttackerView view) => Subject.Inspect(new Figures { Cells = [(attack, view, [0.5, 1])],
        IsRandom = true }.Report());

    [Fact]
    public void Averaging_towards_a_target_does_not_stand_for_the_easier_goal()
    {
        var figures = new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0.5, 1]), (new Pgd(0.1), AttackerView.Eot(9), [0.5, 1])],
            Goals = ["avoid the label", "reach the next class"], IsRandom = true };
        Subject.Inspect(figures.Report()).Should().ContainSingle();
        Subject.Inspect((figures with { Goals = ["reach the next class", "reach the next class"] }).Report()).Should().BeEmpty();
    }

    [Fact]
    public void A_deterministic_defense_needs_no_averaging() => Subject.Inspect(new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0.5, 1])] }
        .Report()).Should().BeEmpty();
}
