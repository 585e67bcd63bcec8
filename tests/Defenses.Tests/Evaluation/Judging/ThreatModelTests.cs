using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation;

public sealed class ThreatModelTests
{
    [Fact]
    public void The_default_is_an_attacker_who_knows_all_but_the_draw_and_tries_once()
    {
        ThreatModel.WhiteBox.ToString().Should().Be("knows the model, its weights and its defense, and can differentiate it; " +
            "does not know the draws by which it is judged; one try at each image");
        new ThreatModel { Sees = ModelAnswers.Decisions, KnowsDraw = true, Tries = 7 }.ToString().Should()
            .Be("sees the decision of each answer, and nothing else; knows the draw that answers; up to 7 tries at each image");
        using var grid = new Grid();
        grid.Evaluation().Threat.Should().Be(ThreatModel.WhiteBox);
        FluentActions.Invoking(() => new ThreatModel { Tries = 0 }).Should().Throw<ArgumentOutOfRangeException>().Which.ParamName.Should().Be("Tries");
        FluentActions.Invoking(() => new ThreatModel { Sees = (ModelAnswers)9 }).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Gradients*");
    }

    // The work is the same: only the figures that lead differ.
    [Fact]
    public void A_report_leads_with_the_tries_of_its_threat_model_and_finished_work_serves_every_number_of_tries()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        var one = grid.Evaluation().Run(grid.Examples, folder.Path);
        var evaluation = new RobustnessEvaluation(grid.Defenses, Grid.Attacks, [0.06, 0.22])
        {
            Draws = 3, Seed = 1, BlockSize = 5, Title = "Levels", Threat = new ThreatModel { Tries = 2 },
        };
        var two = evaluation.Run(grid.Examples, folder.Path);
        two.Defenses[1].Strengths[0].Worst.Success.Should().Be(one.Defenses[1].Strengths[0].Worst.Success);
        var (at, page) = (two.Defenses[1].Strengths[^1], EvaluationPage.From(two));
        at.Tries!.Points.Select(point => point.Tries).Should().Equal(1, 2, 3);
        at.Tries.At(1)!.Success!.Rate.Should().BeApproximately(at.Worst.Success!.MeanDraw.Rate, 1e-12);
        at.Tries.At(3)!.Success!.Rate.Should().Be(at.Worst.Success.WorstOfK.Rate);
        at.Tries.At(3)!.Accuracy.Rate.Should().BeApproximately(at.Worst.Accuracy.WorstOfK.Rate, 1e-12);
        new HeadlineSummary(two).Sentences.First().Should().StartWith("Attackers who know the whole model tried to make it err, up to 2 times at each image;");
        page.Sections.SelectMany(section => section.Figures).OfType<CurveFigure>().First(figure => !figure.IsSmall).Series[1].Points[^1].Y.Should()
            .Be(at.Tries.At(2)!.Accuracy.Rate);
        page.Sections[0].Tables[0].Columns.Should().Contain("Holds");
        at.AccuracyInTriesOver!.Single().Value.Should()
            .BeApproximately(at.Tries.At(2)!.Accuracy.Rate - two.Defenses[0].Strengths[^1].Tries!.At(2)!.Accuracy.Rate, 1e-12);
        one.Defenses[1].Strengths[0].AccuracyInTriesOver.Should().BeNull();
    }

    [Fact]
    public void An_idle_attack_on_a_coin_adds_nothing_at_any_number_of_tries()
    {
        using var scope = NewDisposeScope();
        var (x, labels) = (full([100, 4], 0.5), zeros([100], dtype: ScalarType.Int64));
        var report = new RobustnessEvaluation(
            [new("coin", new Classifier(new CoinFlip(0.7), Bounds.Unit))], [new("idle", _ => new Shift(0)), new("idle too", _ => new Shift(0))], [0.1])
            { Draws = 10, Seed = 1, Checks = [] }.Run(LabeledImages.From(x, labels));
        var tries = report.Defenses[0].Strengths[0].Tries!;
        tries.Points.Should().OnlyContain(point => point.Added!.Interval.Contains(0));
        tries.At(10)!.Success!.Rate.Should().BeGreaterThan(0.9, "a coin errs sooner or later without any attack");
        EvaluationPage.From(report).Sections.Should().Contain(section => section.Title == "What it is worth to try again");
    }

    [Fact]
    public void With_a_known_draw_each_image_is_attacked_and_judged_with_one_draw_of_the_model()
    {
        using var grid = new Grid();
        RobustnessEvaluation Evaluation(int block, int tries = 1) => new(grid.Defenses, Grid.Attacks, [0.22])
        {
            Draws = 3, Seed = 1, BlockSize = block, Checks = [], Threat = new ThreatModel { KnowsDraw = true, Tries = tries },
        };
        var report = Evaluation(1).Run(grid.Examples);
        var (defense, model) = (report.Defenses[1], (Classifier)grid.Defenses[1].Model);
        defense.IsRandom.Should().BeFalse("its draw is known");
        defense.Accuracy.MeanDraw.Should().Be(defense.Accuracy.WorstOfK);
        var (x, labels) = grid.Examples.Read(0, grid.Examples.Count);
        using var scope = NewDisposeScope();
        var right = Enumerable.Range(0, (int)x.shape[0]).Count(
            image => new FixedDraw(model, image).ComputeLogits(x.narrow(0, image, 1)).argmax(1).equal(labels[image]).all().ToBoolean());
        defense.Accuracy.MeanDraw.Successes.Should().Be(right);
        defense.Strengths[0].Cells.Select(cell => cell.SameAs).Should().Equal(null, "plain", "plain");
        FluentActions.Invoking(() => Evaluation(5).Run(grid.Examples)).Should().Throw<InvalidOperationException>().WithMessage("BlockSize must be 1*");
        FluentActions.Invoking(() => Evaluation(1, 2).Run(grid.Examples)).Should().Throw<InvalidOperationException>().WithMessage("Threat.Tries must be 1*");
    }

    [Fact]
    public void An_attack_that_does_more_than_the_attacker_may_is_refused()
    {
        using var grid = new Grid();
        RobustnessEvaluation Seeing(ModelAnswers sees, params AttackEntry[] attacks) =>
            new(grid.Defenses, attacks, [0.1]) { Draws = 2, Checks = [], Threat = new ThreatModel { Sees = sees } };
        AttackEntry noise = new("noise", epsilon => new Noise(epsilon)), square = new("Square", epsilon => new Square(epsilon) { Candidates = 2 });
        Refuses(Seeing(ModelAnswers.Scores, Grid.Attacks[0]), "*'FGSM' needs gradients*sees scores only*");
        Refuses(Seeing(ModelAnswers.Decisions, square), "*'Square' needs scores*sees decisions only*");
        AttackEntry inside = new("noise", epsilon => new Noise(epsilon), AttackerView.WithoutRandomness);
        Refuses(Seeing(ModelAnswers.Scores, inside), "*'no randomness' changes*");
        var report = Seeing(ModelAnswers.Scores, noise, square).Run(grid.Examples);
        new HeadlineSummary(report).Sentences.First().Should().StartWith("Attackers who see the scores of its answers tried to make it err;");
        var tries = new RobustnessEvaluation(grid.Defenses, Grid.Attacks, [0.1]) { Draws = 3, Threat = new ThreatModel { Tries = 4 } };
        Refuses(tries, "Threat.Tries must be at most Draws*it is 4, and Draws is 3*");

        void Refuses(RobustnessEvaluation evaluation, string message) =>
            evaluation.Invoking(each => each.Run(grid.Examples)).Should().Throw<InvalidOperationException>().WithMessage(message);
    }
}
