using Defenses.Metrics;
using Defenses.Statistics;
using Defenses.Tests.Contracts;
using Defenses.Tests.Statistics;

namespace Defenses.Tests.Metrics;

public sealed class EfficiencySweepTests : MetricContract
{
    private static readonly Proportion s_base = new(100, 1000), s_accuracy = new(990, 1000);

    [Fact]
    public void The_common_range_runs_from_the_largest_minimum_to_the_smallest_maximum()
    {
        EfficiencySweep.CommonRange([Sweep((200, 980), (600, 900), (800, 800)), Sweep((300, 970), (700, 950))]).Should().Be(new Interval(0.3, 0.7));
        EfficiencySweep.CommonRange([Sweep((200, 980)), Sweep((300, 970), (700, 950))]).Should()
            .BeNull("one holds at most a fifth, the other at least three tenths");
    }

    [Fact]
    public void The_mean_is_that_of_the_strengths_in_the_range()
    {
        var mean = EfficiencySweep.Mean(Sweep((200, 980), (600, 900), (650, 850), (800, 800)), s_base, s_accuracy, new Interval(0.3, 0.7));
        mean.Strengths.Should().Equal(2, 3);
        mean.LeftOut.Should().Be(2);
        mean.Value.Should().BeApproximately((0.5 / 0.092 + 0.55 / 0.142) / 2, 1e-9);
        mean.Range!.Value.Contains(mean.Value!.Value).Should().BeTrue();
        mean.Range!.Value.Lower.Should().BeApproximately(mean.Scores.Average(score => score.Range!.Value.Lower), 1e-12);
    }

    [Fact]
    public void The_ends_of_the_range_belong_to_it_and_a_range_may_be_a_point()
    {
        EfficiencySweep.Mean(Sweep((200, 980), (600, 900), (650, 850)), s_base, s_accuracy, new Interval(0.6, 0.65)).Strengths.Should().Equal(2, 3);
        EfficiencySweep.CommonRange([Sweep((200, 980), (600, 900)), Sweep((600, 970), (700, 950))]).Should().Be(new Interval(0.6, 0.6));
    }

    // Two strengths in the range share the risk of 5 %, whatever lies outside of it; Δt + η with an η of one's own.
    [Fact]
    public void Each_score_of_the_mean_is_taken_at_its_share_of_the_risk()
    {
        var mean = EfficiencySweep.Mean(Sweep((200, 980), (600, 900), (650, 850)), s_base, s_accuracy, new Interval(0.3, 0.7), 0.05);
        var score = DefenseEfficiency.Measure(new(600, 1000, 0.975), s_base.WithConfidence(0.975), s_accuracy.WithConfidence(0.975), new(900, 1000, 0.975),
            0.05);
        mean.Scores[0].RateGain.Lower.Should().BeApproximately(score.RateGain.Lower, 1e-9);
        mean.Scores[0].Range!.Value.Upper.Should().BeApproximately(score.Range!.Value.Upper, 1e-9);
        mean.Value.Should().BeApproximately((0.5 / 0.14 + 0.55 / 0.19) / 2, 1e-9);
    }

    [Fact]
    public void One_strength_alone_has_the_interval_of_its_score()
    {
        var mean = EfficiencySweep.Mean(Sweep((600, 900)), s_base, s_accuracy);
        var score = DefenseEfficiency.Measure(new(600, 1000), s_base, s_accuracy, new(900, 1000));
        mean.Value.Should().Be(score.Value);
        mean.Range.Should().Be(score.Range);
    }

    [Fact]
    public void A_strength_that_may_cost_nothing_takes_the_bounds_but_not_the_value()
    {
        var mean = EfficiencySweep.Mean(Sweep((600, 900), (650, 989)), s_base, s_accuracy);
        mean.Value.Should().NotBeNull();
        mean.Range.Should().BeNull();
    }

    [Fact]
    public void Nothing_in_the_range_is_no_score()
    {
        var mean = EfficiencySweep.Mean(Sweep((200, 980)), s_base, s_accuracy, new Interval(0.5, 0.6));
        mean.Value.Should().BeNull();
        mean.Range.Should().BeNull();
        mean.LeftOut.Should().Be(1);
    }

    [Fact]
    public void The_range_covers_the_true_mean_at_least_as_often_as_stated()
    {
        const int Runs = 400, Images = 300;
        var proportions = Enumerable.Range(0, Images + 1).Select(k => new Proportion(k, Images)).ToArray();
        Proportion Draw(Dice dice, double rate) => proportions[dice.Successes(Images, rate)];
        var truth = (DefenseEfficiency.Score(0.6, 0.1, 0.98, 0.8) + DefenseEfficiency.Score(0.7, 0.1, 0.98, 0.75)) / 2;
        var covered = Dice.Share(Runs, 6, dice => EfficiencySweep.Mean(
            [new(1, Draw(dice, 0.6), Draw(dice, 0.8)), new(2, Draw(dice, 0.7), Draw(dice, 0.75))], Draw(dice, 0.1), Draw(dice, 0.98)).Range is not { } range
                || range.Contains(truth));
        covered.Should().BeGreaterThanOrEqualTo(Dice.AtLeast(0.95, Runs));
    }

    [Fact]
    public void The_line_goes_through_gain_over_loss()
    {
        var fit = EfficiencySweep.Fit(Sweep((200, 980), (400, 960), (600, 940)), 0.1, 0.99);   // Δt 1, 3, 5 %: Δd 10, 30, 50 %
        fit.Slope.Value.Should().BeApproximately(10, 1e-9);
        fit.Intercept.Value.Should().BeApproximately(0, 1e-9);
    }

    [Fact]
    public void The_line_has_the_intervals_of_its_fit()
    {
        var sweep = Sweep((200, 980), (450, 960), (600, 940), (700, 900));
        var fit = EfficiencySweep.Fit(sweep, 0.1, 0.99, 0.5);
        var expected = Defenses.Statistics.LeastSquares.Line([0.01, 0.03, 0.05, 0.09], [0.1, 0.35, 0.5, 0.6], 0.5);
        fit.Slope.Value.Should().BeApproximately(expected.Slope.Value, 1e-9);
        fit.Slope.Upper.Should().BeApproximately(expected.Slope.Upper, 1e-9);
        fit.Intercept.Lower.Should().BeApproximately(expected.Intercept.Lower, 1e-9);
    }

    protected override IReadOnlyList<double> Compute()
    {
        var mean = EfficiencySweep.Mean(Sweep((600, 900), (650, 850)), s_base, s_accuracy);
        return [mean.Value!.Value, mean.Range!.Value.Lower, mean.Range!.Value.Upper,
            EfficiencySweep.Fit(Sweep((600, 900), (650, 850), (700, 840)), 0, 1).Slope.Lower];
    }

    protected override IEnumerable<Extreme> Extremes
    {
        get
        {
            Proportion all = new(1000, 1000), none = new(0, 1000);
            Extreme Of(string name, Proportion defended, Proportion unprotected, Proportion accuracy, double expected)
            {
                var mean = EfficiencySweep.Mean([new SweepPoint(1, defended, accuracy)], unprotected, all);
                return new(name, mean.Value!.Value, mean.Range, expected);
            }
            yield return Of("holds all for nothing", all, none, all, 1 / 0.002);
            yield return Of("holds nothing for nothing", none, none, all, 0);
            yield return Of("holds all and recognizes nothing", all, none, none, 1 / 1.002);
            yield return Of("loses all for nothing", none, all, all, -1 / 0.002);
        }
    }

    protected override IEnumerable<(string Argument, Action Call)> Refused
    {
        get
        {
            var sweep = Sweep((600, 900), (650, 850));
            yield return ("sweeps", () => EfficiencySweep.CommonRange([]));
            yield return ("sweeps", () => EfficiencySweep.CommonRange([sweep, []]));
            yield return ("sweep", () => EfficiencySweep.Mean([], s_base, s_accuracy));
            yield return ("sweep", () => EfficiencySweep.Mean([new(1, null!, s_accuracy)], s_base, s_accuracy));
            yield return ("baseRate", () => EfficiencySweep.Mean(sweep, null!, s_accuracy));
            yield return ("baseAccuracy", () => EfficiencySweep.Mean(sweep, s_base, null!));
            yield return ("eta", () => EfficiencySweep.Mean(sweep, s_base, s_accuracy, null, 0));
            yield return ("sweep", () => EfficiencySweep.Fit(Sweep((600, 900), (700, 900)), 0.1, 0.9));
            yield return ("baseRate", () => EfficiencySweep.Fit(sweep, 10, 0.9));
            yield return ("baseAccuracy", () => EfficiencySweep.Fit(sweep, 0.1, 99));
            yield return ("confidence", () => EfficiencySweep.Fit(sweep, 0.1, 0.9, 95));
        }
    }

    private static SweepPoint[] Sweep(params (int Holds, int Right)[] points) =>
        [.. points.Select((point, i) => new SweepPoint(i + 1, new(point.Holds, 1000), new(point.Right, 1000)))];
}
