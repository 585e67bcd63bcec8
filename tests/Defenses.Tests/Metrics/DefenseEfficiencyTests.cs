using Defenses.Metrics;
using Defenses.Statistics;
using Defenses.Tests.Contracts;
using Defenses.Tests.Statistics;

namespace Defenses.Tests.Metrics;

public sealed class DefenseEfficiencyTests : MetricContract
{
    // The HRS paper's adversarial training at 8/255: d = 0.566 over 0, and 0.0711 of accuracy.
    [Fact]
    public void Agrees_with_the_published_score()
    {
        DefenseEfficiency.Score(0.566, 0, 0.7917, 0.7917 - 0.0711).Should().BeApproximately(7.74, 0.005);
    }

    [Theory]
    [InlineData(0.5, 0, 0.9, 0.9, 0.002, 250)]
    [InlineData(0.5, 0.25, 0.9, 0.8, 0.025, 2)]
    [InlineData(0.25, 0.5, 0.9, 0.8, 0.025, -2)]
    [InlineData(0.5, 0, 0.8, 0.9, 0.05, -10)]
    [InlineData(1, 1, 1, 0, 0.5, 0)]
    public void Is_the_gain_over_the_loss_and_eta(double defended, double unprotected, double baseAccuracy, double accuracy, double eta, double score)
    {
        DefenseEfficiency.Score(defended, unprotected, baseAccuracy, accuracy, eta).Should().BeApproximately(score, 1e-9);
    }

    [Fact]
    public void The_measured_score_has_its_parts()
    {
        var score = DefenseEfficiency.Measure(new(566, 1000), new(0, 1000), new(792, 1000), new(721, 1000));
        score.RateGain.Value.Should().BeApproximately(0.566, 1e-12);
        score.AccuracyLoss.Value.Should().BeApproximately(0.071, 1e-12);
        score.Value.Should().BeApproximately(0.566 / 0.073, 1e-9);
        score.Range!.Value.Contains(score.Value!.Value).Should().BeTrue();
    }

    [Fact]
    public void Each_part_has_half_the_risk_and_its_own_correlation()
    {
        Proportion defended = new(566, 1000), unprotected = new(30, 1000), before = new(792, 1000), after = new(721, 1000);
        var score = DefenseEfficiency.Measure(defended, unprotected, before, after, 0.01, rateCorrelation: 0.4, accuracyCorrelation: 0.8);
        Same(score.RateGain, ProportionDifference.Between(defended.WithConfidence(0.975), unprotected.WithConfidence(0.975), 0.4));
        Same(score.AccuracyLoss, ProportionDifference.Between(before.WithConfidence(0.975), after.WithConfidence(0.975), 0.8));
        score.Value.Should().BeApproximately(0.536 / 0.081, 1e-9);
        score.Eta.Should().Be(0.01);
        static void Same(Estimate actual, Estimate expected) =>
            new[] { actual.Value - expected.Value, actual.Lower - expected.Lower, actual.Upper - expected.Upper }.Should()
                .OnlyContain(error => Math.Abs(error) < 1e-9);
    }

    [Fact]
    public void The_range_spans_the_corners_of_the_box()
    {
        var score = new EfficiencyScore(new Estimate(0.4, -0.1, 0.6), new Estimate(0.1, 0.048, 0.198));
        score.Range.Should().Be(new Interval(-0.1 / 0.05, 0.6 / 0.05));
        new EfficiencyScore(new Estimate(0.4, 0.3, 0.6), new Estimate(0.1, 0.048, 0.198)).Range.Should().Be(new Interval(0.3 / 0.2, 0.6 / 0.05));
        new EfficiencyScore(new Estimate(0.4, 0.2, 0.6), new Estimate(-0.1, -0.202, -0.052)).Range!.Value.Should()
            .Match<Interval>(range => Math.Abs(range.Lower - 0.6 / -0.05) < 1e-9 && Math.Abs(range.Upper - 0.2 / -0.2) < 1e-9);
    }

    [Theory]
    [InlineData(-0.003, 0.01)]
    [InlineData(-0.002, 0.01)]
    [InlineData(-0.01, -0.002)]
    public void Where_the_cost_may_be_nothing_there_is_no_range(double lower, double upper)
    {
        new EfficiencyScore(new Estimate(0.4, 0.2, 0.6), new Estimate(0.005, lower, upper)).Range.Should().BeNull();
    }

    [Fact]
    public void A_gain_of_exactly_minus_eta_has_no_value_but_keeps_its_parts()
    {
        var score = new EfficiencyScore(new Estimate(0.4, 0.2, 0.6), new Estimate(-0.002, -0.1, 0.1));
        score.Value.Should().BeNull();
        score.RateGain.Value.Should().Be(0.4);
    }

    [Fact]
    public void The_range_covers_the_true_score_at_least_as_often_as_stated()
    {
        const int Runs = 1000, Images = 300;
        var proportions = Enumerable.Range(0, Images + 1).Select(k => new Proportion(k, Images)).ToArray();
        Proportion Draw(Dice dice, double rate) => proportions[dice.Successes(Images, rate)];
        var truth = DefenseEfficiency.Score(0.6, 0.1, 0.98, 0.8);
        var covered = Dice.Share(Runs, 6, dice =>
            DefenseEfficiency.Measure(Draw(dice, 0.6), Draw(dice, 0.1), Draw(dice, 0.98), Draw(dice, 0.8)).Range is not { } range || range.Contains(truth));
        covered.Should().BeGreaterThanOrEqualTo(Dice.AtLeast(0.95, Runs));
    }

    protected override IReadOnlyList<double> Compute() => [DefenseEfficiency.Score(0.5, 0.1, 0.99, 0.97)];

    protected override IEnumerable<Extreme> Extremes
    {
        get
        {
            Proportion all = new(100, 100), none = new(0, 100);
            yield return new("holds all for nothing", DefenseEfficiency.Score(1, 0, 1, 1), null, 1 / 0.002);
            yield return new("holds all and recognizes nothing", DefenseEfficiency.Score(1, 0, 1, 0), null, 1 / 1.002);
            yield return new("nobody is right before or after", DefenseEfficiency.Score(0, 0, 0, 0), null, 0);
            Extreme Of(string name, EfficiencyScore score, double expected) => new(name, score.Value!.Value, score.Range, expected);
            yield return Of("everybody is right before and after", DefenseEfficiency.Measure(all, all, all, all), 0);
            yield return Of("measured: holds all and recognizes nothing", DefenseEfficiency.Measure(all, none, all, none), 1 / 1.002);
        }
    }

    protected override IEnumerable<(string Argument, Action Call)> Refused
    {
        get
        {
            Proportion rate = new(1, 2);
            yield return ("defendedRate", () => DefenseEfficiency.Score(56.6, 0, 0.9, 0.8));
            yield return ("defendedRate", () => DefenseEfficiency.Score(double.NaN, 0, 0.9, 0.8));
            yield return ("baseRate", () => DefenseEfficiency.Score(0.5, -0.1, 0.9, 0.8));
            yield return ("baseAccuracy", () => DefenseEfficiency.Score(0.5, 0, 1.9, 0.8));
            yield return ("accuracy", () => DefenseEfficiency.Score(0.5, 0, 0.9, -1));
            yield return ("accuracy", () => DefenseEfficiency.Score(0.5, 0, 0.5, 0.625, 0.125));
            yield return ("eta", () => DefenseEfficiency.Score(0.5, 0, 0.9, 0.8, 0));
            yield return ("defendedRate", () => DefenseEfficiency.Measure(null!, rate, rate, rate));
            yield return ("baseRate", () => DefenseEfficiency.Measure(rate, null!, rate, rate));
            yield return ("baseAccuracy", () => DefenseEfficiency.Measure(rate, rate, null!, rate));
            yield return ("accuracy", () => DefenseEfficiency.Measure(rate, rate, rate, null!));
            yield return ("eta", () => DefenseEfficiency.Measure(rate, rate, rate, rate, -1));
        }
    }
}
