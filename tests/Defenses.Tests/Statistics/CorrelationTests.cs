using Defenses.Statistics;

namespace Defenses.Tests.Statistics;

public sealed class CorrelationTests
{
    // Anscombe 1973, first set: r = 0.81642.
    private static readonly double[] X = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
    private static readonly double[] Y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];

    [Fact]
    public void Pearson_agrees_with_a_published_example_and_fishers_interval()
    {
        var r = Correlation.Pearson(X, Y);
        r.Value.Should().BeApproximately(0.81642, 5e-6);
        var half = 1.959964 / Math.Sqrt(8);
        r.Lower.Should().BeApproximately(Math.Tanh(Math.Atanh(0.816421) - half), 1e-5);
        r.Upper.Should().BeApproximately(Math.Tanh(Math.Atanh(0.816421) + half), 1e-5);
    }

    [Fact]
    public void Spearman_is_one_minus_the_squared_rank_differences()
    {
        double[] x = [1, 2, 3, 4, 5], y = [20, 10, 30, 50, 40];   // d² sums to 4: 1 − 6·4/(5·24)
        var r = Correlation.Spearman(x, y);
        r.Value.Should().BeApproximately(0.8, 1e-12);
        var half = 1.959964 * Math.Sqrt((1 + 0.32) / 2);
        r.Lower.Should().BeApproximately(Math.Tanh(Math.Atanh(0.8) - half), 1e-6);
        r.Upper.Should().BeApproximately(Math.Tanh(Math.Atanh(0.8) + half), 1e-6);
    }

    [Fact]
    public void Any_rising_curve_has_rank_correlation_one_and_a_falling_one_minus_one()
    {
        double[] x = [1, 2, 3, 4, 5];
        Correlation.Spearman(x, [1, 8, 27, 64, 125]).Value.Should().BeApproximately(1, 1e-12);
        Correlation.Spearman(x, [5, 1, 0, -9, -100]).Value.Should().BeApproximately(-1, 1e-12);
        Correlation.Pearson(x, [1, 8, 27, 64, 125]).Value.Should().BeLessThan(1 - 1e-3);
    }

    [Fact]
    public void Equal_numbers_share_their_mid_rank() =>
        Correlation.Spearman([1, 1, 2, 2], [1, 1, 2, 2]).Value.Should().BeApproximately(1, 1e-12);

    [Fact]
    public void Three_pairs_leave_everything_open() => Correlation.Pearson([1, 2, 3], [1, 2, 4]).Interval.Should().Be(new Interval(-1, 1));

    [Fact]
    public void Both_intervals_cover_about_as_often_as_stated()
    {
        const int Runs = 1000, Pairs = 30;
        const double Rho = 0.6;
        (double[] X, double[] Y) Draw(Dice dice)
        {
            double[] x = [.. Enumerable.Range(0, Pairs).Select(_ => dice.Normal())];
            return (x, [.. x.Select(value => Rho * value + Math.Sqrt(1 - Rho * Rho) * dice.Normal())]);
        }
        Dice.Share(Runs, 8, dice =>
        {
            var (x, y) = Draw(dice);
            return Correlation.Pearson(x, y).Interval.Contains(Rho);
        }).Should().BeGreaterThanOrEqualTo(Dice.AtLeast(0.945, Runs)).And.BeLessThan(0.98);
        var rank = 6 / Math.PI * Math.Asin(Rho / 2);   // of normal pairs (Pearson 1907)
        Dice.Share(Runs, 9, dice =>
        {
            var (x, y) = Draw(dice);
            return Correlation.Spearman(x, y).Interval.Contains(rank);
        }).Should().BeGreaterThanOrEqualTo(Dice.AtLeast(0.94, Runs)).And.BeLessThan(0.98);
    }

    [Fact]
    public void Bad_input_is_refused_with_its_name()
    {
        Refuses(() => Correlation.Pearson([1, 2], [1, 2]), "x");
        Refuses(() => Correlation.Pearson([1, 1, 1], [1, 2, 3]), "x");
        Refuses(() => Correlation.Pearson([1, 2, 3], [2, 2, 2]), "y");
        Refuses(() => Correlation.Pearson([1, 2, 3], [2, 2]), "y");
        Refuses(() => Correlation.Spearman([1, 2, double.NaN], [1, 2, 3]), "x");
        Refuses(() => Correlation.Spearman([1, 2, 3], null!), "y");
        Refuses(() => Correlation.Spearman([1, 2, 3], [1, 2, 3], 0), "confidence");
    }

    private static void Refuses(Action call, string name) => call.Should().Throw<ArgumentException>().Which.ParamName.Should().Be(name);
}
