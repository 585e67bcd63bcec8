using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Reporting;
using Defenses.Evaluation.Work;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Tests.Evaluation.Work;

public sealed class PassSumTests
{
    private const int Draws = 4;

    [Fact]
    public void Success_counts_from_the_passes_at_which_the_attack_ended_on_an_image()
    {
        var sum = new PassSum(Draws);
        sum.Add(Piece([4, 2, 0, 4, 4], [3, 12, 40, 40, 7]), [true, true, true, true, false]);
        sum.Points(0.9).Should().Equal(
            new(5, new Proportion(1, 4, 0.9)), new(10, new Proportion(1, 4, 0.9)), new(20, new Proportion(1.5, 4, 0.9)), new PassPoint(40, new(2.5, 4, 0.9)));
    }

    [Fact]
    public void An_attack_that_does_not_tell_the_passes_of_each_image_counts_with_the_mean_of_all()
    {
        var sum = new PassSum(Draws);
        sum.Add(Piece([4, 0, 4], null), [true, true, true]);
        sum.Points(0.95).Should().Equal(new PassPoint(20, new(2, 3)));
        new PassSum(Draws).Points(0.95).Should().BeEmpty();
        var nothing = new PassSum(Draws);
        nothing.Add(Piece([0, 0], [30, 40]), [true, true]);
        nothing.Points(0.95).Should().Equal([new PassPoint(40, new(0, 2))], "it is known that nothing succeeded");
    }

    // FGSM through the mean of two draws: twice the passes of FGSM, on the same axis.
    [Fact]
    public void Every_draw_of_a_mean_over_draws_is_a_pass()
    {
        using var grid = new Grid();
        var report = grid.Evaluation().Run(grid.Examples);
        var cells = report.Defenses[1].Strengths[^1].Cells;
        var (plain, mean) = (cells[0].Outcome, cells[1].Outcome);
        mean.BackwardPasses.Should().Be(2 * plain.BackwardPasses);
        mean.SuccessByPasses[^1].Passes.Should().BeGreaterThan(plain.SuccessByPasses[^1].Passes);
        foreach (var outcome in cells.Select(cell => cell.Outcome))
        {
            outcome.SuccessByPasses[^1].Success.Should().Be(outcome.Success!.MeanDraw, "within all passes all successes count");
            outcome.SuccessByPasses[^1].Passes.Should().BeGreaterThanOrEqualTo((long)(outcome.ForwardPasses + outcome.BackwardPasses));
        }
        report.Defenses[1].Strengths[^1].Worst.SuccessByPasses.Should().BeEmpty();
        var section = EvaluationPage.From(report).Sections.Single(each => each.Title == "What a success costs");
        section.Figures.OfType<ScatterFigure>().Select(figure => figure.Title).Should()
            .Equal("Attacks on “none”", "Attacks on “jitter”", "Gain of each defense against its own cost");
        section.Figures.OfType<ScatterFigure>().ElementAt(1).Series.Select(series => series.Name).Should().Equal("FGSM", "FGSM, EOT 2", "FGSM, fixed draw");
    }

    private static CellRecord Piece(int[] met, long[]? passes) => new([], met, 0, 10L * met.Length, 10L * met.Length, 1, null, null, passes);
}
