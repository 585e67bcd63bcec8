using Defenses.Detection;
using Defenses.Tests.Statistics;
using MathNet.Numerics.Distributions;

namespace Defenses.Tests.Detection;

public sealed class RocCurveTests
{
    [Theory]
    [InlineData(new double[] { 1, 2, 3 }, new double[] { 4, 5 }, 1)]
    [InlineData(new double[] { 4, 5 }, new double[] { 1, 2, 3 }, 0)]
    [InlineData(new double[] { 7, 7, 7 }, new double[] { 7, 7 }, 0.5)]
    [InlineData(new double[] { 0, 0, 1 }, new double[] { 0, 1, 1 }, 6 / 9.0)]
    [InlineData(new double[] { 1, 3, 5, 7 }, new double[] { 2, 8 }, 5 / 8.0)]
    [InlineData(new[] { double.NegativeInfinity, 0 }, new[] { 0, double.PositiveInfinity }, 3.5 / 4)]
    public void The_area_is_the_share_of_pairs_in_order_with_ties_counted_half(double[] clean, double[] attacked, double area)
    {
        var curve = new RocCurve(clean, attacked);
        curve.Auc.Should().BeApproximately(area, 1e-12);
        new RocCurve(attacked, clean).Auc.Should().BeApproximately(1 - area, 1e-12);
        Trapezoids(curve).Should().BeApproximately(area, 1e-12, "the area under the points is the same");
    }

    [Fact]
    public void The_points_go_from_never_to_always()
    {
        var points = new RocCurve([0, 0, 1], [0, 1, 2]).Points;
        points.Should().Equal(new RocPoint(2, 0, 0), new RocPoint(1, 0, 1 / 3.0), new RocPoint(0, 1 / 3.0, 2 / 3.0),
            new RocPoint(double.NegativeInfinity, 1, 1));
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(0.009, 100)]
    [InlineData(0.01, 99)]
    [InlineData(0.05, 95)]
    [InlineData(0.29, 71)]
    public void A_threshold_lets_the_given_share_pass_and_no_more(double rate, double threshold)
    {
        var clean = Enumerable.Range(1, 100).Select(i => (double)i).Reverse().ToArray();
        RocCurve.Threshold(clean, rate).Should().Be(threshold);
        new RocCurve(clean, [99.5]).FalsePositives(threshold).Successes.Should().Be(100 - threshold);
    }

    [Fact]
    public void With_ties_a_threshold_stays_on_the_safe_side()
    {
        double[] clean = [.. Enumerable.Repeat(0.0, 80), .. Enumerable.Repeat(1.0, 20)];
        RocCurve.Threshold(clean, 0.1).Should().Be(1, "any lower one would call 20 of 100 attacked");
        RocCurve.Threshold(clean, 0.2).Should().Be(0);
    }

    [Fact]
    public void Rates_at_a_threshold_from_elsewhere_have_exact_intervals()
    {
        var found = new RocCurve([1, 2, 3], [2.5, 3.5, 4.5, 0]).TruePositives(2.5);
        found.Successes.Should().Be(2);
        (found.Lower, found.Upper).Should()
            .Be((Defenses.Statistics.BinomialInterval.ClopperPearson(2, 4).Lower, Defenses.Statistics.BinomialInterval.ClopperPearson(2, 4).Upper));
    }

    [Fact]
    public void Both_rates_at_a_threshold_count_their_own_kind_at_the_given_confidence()
    {
        var curve = new RocCurve([1, 2, 3, 4, 5], [2.5, 3.5, 4.5]);
        var (alarms, found) = (curve.FalsePositives(3, 0.8), curve.TruePositives(3, 0.7));
        (alarms, found).Should()
            .Be((new Defenses.Statistics.Proportion(2, 5, 0.8), new Defenses.Statistics.Proportion(2, 3, 0.7)), "above, not at, the threshold");
    }

    [Fact]
    public void The_variance_is_that_of_DeLong_by_its_definition()
    {
        var dice = new Dice(3);
        double[] clean = [.. Enumerable.Range(0, 23).Select(_ => (double)dice.Index(6))],
            attacked = [.. Enumerable.Range(0, 17).Select(_ => 2.0 + dice.Index(6))];
        var wins = attacked.Select(x => clean.Select(y => x > y ? 1 : x == y ? 0.5 : 0).ToArray()).ToArray();
        var area = wins.Average(row => row.Average());
        double Variance(double[] values) => values.Sum(value => Math.Pow(value - area, 2)) / (values.Length - 1) / values.Length;
        var variance = Variance([.. wins.Select(row => row.Average())]) + Variance([.. Enumerable.Range(0, 23).Select(j => wins.Average(row => row[j]))]);
        var half = 1.959963984540054 * Math.Sqrt(variance) / (area * (1 - area));
        var estimate = new RocCurve(clean, attacked).AucWithin();
        estimate.Value.Should().BeApproximately(area, 1e-12);
        Math.Log(estimate.Upper / (1 - estimate.Upper)).Should().BeApproximately(Math.Log(area / (1 - area)) + half, 1e-9);
        Math.Log(estimate.Lower / (1 - estimate.Lower)).Should().BeApproximately(Math.Log(area / (1 - area)) - half, 1e-9);
    }

    [Theory]
    [InlineData(10, 10)]
    [InlineData(40, 25)]
    [InlineData(1, 3)]
    public void Perfect_separation_leaves_doubt(int clean, int attacked)
    {
        var curve = new RocCurve([.. Enumerable.Range(0, clean).Select(i => -1.0 - i)], [.. Enumerable.Range(0, attacked).Select(i => 1.0 + i)]);
        var estimate = curve.AucWithin();
        (estimate.Value, estimate.Upper).Should().Be((1, 1));
        var a = estimate.Lower;   // Hanley and McNeil's standard error there, both counts replaced by their mean, reaches to 1
        var (q1, q2, mean) = (a / (2 - a), 2 * a * a / (1 + a), (clean + attacked) / 2.0);
        var error = Math.Sqrt((a * (1 - a) + (mean - 1) * (q1 - a * a + q2 - a * a)) / (clean * attacked));
        (1 - a).Should().BeApproximately(1.959963984540054 * error, 1e-6);
        var mirrored = new RocCurve([1.0, 2], [0.0, -1]).AucWithin();
        (mirrored.Lower, mirrored.Value).Should().Be((0, 0));
        mirrored.Upper.Should().BeApproximately(1 - new RocCurve([0.0, -1], [1.0, 2]).AucWithin().Lower, 1e-6);
    }

    [Theory]
    [InlineData(1.8124, 0.9, 30)]
    [InlineData(3.2900, 0.99, 30)]
    [InlineData(0, 0.5, 20)]
    public void The_interval_covers_the_true_area_about_as_often_as_stated(double shift, double area, int size)
    {
        const int Runs = 1000;
        var covered = Dice.Share(Runs, 4, dice => new RocCurve(Normals(dice, size, 0), Normals(dice, size, shift)).AucWithin().Interval.Contains(area));
        covered.Should().BeGreaterThanOrEqualTo(Dice.AtLeast(0.93, Runs)).And.BeLessThan(0.995);
    }

    [Fact]
    public void The_interval_covers_the_true_area_of_scores_with_many_ties()
    {
        const int Runs = 1000;
        double[] Draw(Dice dice, int count, double low, double middle) =>
            [.. Enumerable.Range(0, count).Select(_ => dice.Uniform() is var u && u < low ? 0.0 : u < low + middle ? 1 : 2)];
        var area = 0.8 * (0.3 + 0.5) + 0.15 * 0.5 + 0.5 * (0.8 * 0.2 + 0.15 * 0.3 + 0.05 * 0.5);
        var covered = Dice.Share(Runs, 5, dice => new RocCurve(Draw(dice, 40, 0.8, 0.15), Draw(dice, 40, 0.2, 0.3)).AucWithin().Interval.Contains(area));
        covered.Should().BeGreaterThanOrEqualTo(Dice.AtLeast(0.93, Runs)).And.BeLessThan(0.995);
    }

    [Fact]
    public void The_gain_of_one_detector_over_another_on_the_same_inputs_is_paired()
    {
        var dice = new Dice(6);
        double[] clean = Normals(dice, 60, 0), attacked = Normals(dice, 60, 1);
        var good = new RocCurve(clean, attacked);
        var worse = new RocCurve([.. clean.Select(score => score + 0.3 * Normal.InvCDF(0, 1, dice.Uniform()))],
            [.. attacked.Select(score => score + 0.3 * Normal.InvCDF(0, 1, dice.Uniform()))]);
        var gain = good.AucGainOver(worse);
        gain.Value.Should().BeApproximately(good.Auc - worse.Auc, 1e-12);
        var apart = good.AucGainOver(new RocCurve(Normals(dice, 60, 0), Normals(dice, 60, 1)));
        gain.Interval.Width.Should().BeLessThan(0.6 * apart.Interval.Width, "what both see alike cancels");
        good.AucGainOver(good).Interval.Should().Be(new Defenses.Statistics.Interval(0, 0));
    }

    [Fact]
    public void The_interval_of_the_gain_covers_the_true_one()
    {
        const int Runs = 600;
        var covered = Dice.Share(Runs, 7, dice =>
        {
            double[] clean = Normals(dice, 40, 0), attacked = Normals(dice, 40, 1);
            double[] Other(double[] scores) => [.. scores.Select(score => (score + Normal.InvCDF(0, 1, dice.Uniform())) / Math.Sqrt(2))];
            var other = new RocCurve(Other(clean), Other(attacked));   // a shift of 1/√2
            return new RocCurve(clean, attacked).AucGainOver(other).Interval.Contains(Normal.CDF(0, 1, 1 / Math.Sqrt(2)) - Normal.CDF(0, 1, 0.5));
        });
        covered.Should().BeGreaterThanOrEqualTo(Dice.AtLeast(0.93, Runs));
    }

    [Fact]
    public void The_rate_at_a_share_of_false_alarms_is_bootstrapped_with_its_threshold()
    {
        const int Runs = 100;
        var truth = 1 - Normal.CDF(1.5, 1, Normal.InvCDF(0, 1, 0.9));
        var covered = Dice.Share(Runs, 8, dice =>
            new RocCurve(Normals(dice, 150, 0), Normals(dice, 150, 1.5)).TruePositiveRateAt(0.1, resamples: 200).Interval.Contains(truth));
        covered.Should().BeGreaterThanOrEqualTo(Dice.AtLeast(0.92, Runs));
        var perfect = new RocCurve([1, 2, 3], [4, 5]).TruePositiveRateAt(0.01);
        (perfect.Value, perfect.Lower, perfect.Upper).Should().Be((1, 1, 1));
        var curve = new RocCurve(Normals(new Dice(1), 50, 0), Normals(new Dice(2), 50, 1));
        curve.TruePositiveRateAt(0.05, seed: 3).Should().Be(curve.TruePositiveRateAt(0.05, seed: 3)).And.NotBe(curve.TruePositiveRateAt(0.05, seed: 4));
        curve.TruePositiveRateAt(0.05).Value.Should().Be(curve.TruePositives(RocCurve.Threshold(Normals(new Dice(1), 50, 0), 0.05)).Rate);
    }

    // Clean scores 1 and 3 with 2 attacked ones at 2: a resample finds them where it took 1 twice, in a quarter of cases.
    [Fact]
    public void A_resample_chooses_its_own_threshold_and_fires_strictly_above_it()
    {
        var curve = new RocCurve([1, 3], [2, 2]);
        var rate = curve.TruePositiveRateAt(0, seed: 1);
        (rate.Value, rate.Lower, rate.Upper).Should().Be((0, 0, 1));
        curve.TruePositiveRateAt(0, seed: 1, confidence: 0.4).Upper.Should().Be(0, "three in ten lie above the upper end, one in four is found");
        new RocCurve([2, 2, 2], [2, 2]).TruePositiveRateAt(0, seed: 1).Upper.Should().Be(0, "what equals the threshold is let pass");
    }

    [Fact]
    public void Bad_scores_are_refused()
    {
        FluentActions.Invoking(() => new RocCurve([], [1])).Should().Throw<ArgumentException>().WithParameterName("clean");
        FluentActions.Invoking(() => new RocCurve([1], [])).Should().Throw<ArgumentException>().WithParameterName("attacked");
        FluentActions.Invoking(() => new RocCurve([1, double.NaN], [1])).Should().Throw<ArgumentException>().WithParameterName("clean");
        FluentActions.Invoking(() => new RocCurve([1], [double.NaN])).Should().Throw<ArgumentException>().WithParameterName("attacked");
        FluentActions.Invoking(() => RocCurve.Threshold([1], 1)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("falsePositiveRate");
        var curve = new RocCurve([1, 2], [1, 2]);
        FluentActions.Invoking(() => curve.AucWithin(1)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("confidence");
        FluentActions.Invoking(() => curve.AucGainOver(new RocCurve([1], [1, 2]))).Should().Throw<ArgumentException>().WithParameterName("other");
        FluentActions.Invoking(() => new RocCurve([1], [1]).AucGainOver(new RocCurve([1], [2]))).Should().Throw<ArgumentException>().WithParameterName("other");
        FluentActions.Invoking(() => curve.TruePositiveRateAt(-0.1)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("falsePositiveRate");
        FluentActions.Invoking(() => curve.TruePositiveRateAt(0.1, resamples: 1)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("resamples");
    }

    private static double[] Normals(Dice dice, int count, double mean) =>
        [.. Enumerable.Range(0, count).Select(_ => Normal.InvCDF(mean, 1, Math.Max(dice.Uniform(), 1e-16)))];

    private static double Trapezoids(RocCurve curve) => curve.Points.Zip(curve.Points.Skip(1),
        (a, b) => (b.FalsePositiveRate - a.FalsePositiveRate) * (a.TruePositiveRate + b.TruePositiveRate) / 2).Sum();
}
