using Defenses.Statistics;

namespace Defenses.Tests.Statistics;

public sealed class LeastSquaresTests
{
    // Anscombe 1973, first set: y = 3.0001 + 0.5001 x, standard errors 1.1247 and 0.1179, R² 0.6665; t(9) at 0.975 is 2.2622.
    [Fact]
    public void Agrees_with_a_published_example()
    {
        var fit = LeastSquares.Line([10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5], [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]);
        fit.Slope.Value.Should().BeApproximately(0.5001, 5e-5);
        fit.Intercept.Value.Should().BeApproximately(3.0001, 5e-5);
        fit.Explained.Should().BeApproximately(0.6665, 5e-5);
        (fit.Slope.Upper - fit.Slope.Value).Should().BeApproximately(2.2622 * 0.1179, 2e-4);
        (fit.Intercept.Value - fit.Intercept.Lower).Should().BeApproximately(2.2622 * 1.1247, 2e-4);
        fit.At(10).Should().BeApproximately(8.001, 1e-3);
        fit.Points.Should().Be(11);
    }

    [Fact]
    public void Points_on_a_line_give_that_line_without_doubt()
    {
        var fit = LeastSquares.Line([0, 1, 2, 3], [1, 3, 5, 7]);
        fit.Slope.Value.Should().BeApproximately(2, 1e-12);
        fit.Intercept.Value.Should().BeApproximately(1, 1e-12);
        fit.Explained.Should().BeApproximately(1, 1e-12);
        fit.Slope.Interval.Width.Should().BeLessThan(1e-9);
    }

    [Fact]
    public void Two_points_leave_the_intervals_open()
    {
        var fit = LeastSquares.Line([0, 1], [1, 3]);
        fit.Slope.Value.Should().BeApproximately(2, 1e-12);
        fit.Slope.Interval.Should().Be(Interval.Unbounded);
        fit.Intercept.Interval.Should().Be(Interval.Unbounded);
    }

    [Fact]
    public void Covers_the_true_slope_as_often_as_stated()
    {
        const int Runs = 1000;
        double[] x = [0, 1, 2, 3, 4, 5];
        Dice.Share(Runs, 4, dice => LeastSquares.Line(x, [.. x.Select(at => 1 + 0.5 * at + dice.Normal())]).Slope.Interval.Contains(0.5))
            .Should().BeGreaterThanOrEqualTo(Dice.AtLeast(0.95, Runs)).And.BeLessThan(0.98);
    }

    [Fact]
    public void Bad_input_is_refused_with_its_name()
    {
        Refuses(() => LeastSquares.Line([1], [1]), "x");
        Refuses(() => LeastSquares.Line([1, 1], [1, 2]), "x");
        Refuses(() => LeastSquares.Line([1, 2], [1]), "y");
        Refuses(() => LeastSquares.Line([1, 2], [1, double.PositiveInfinity]), "y");
        Refuses(() => LeastSquares.Line([1, 2], [1, 2], 2), "confidence");
    }

    private static void Refuses(Action call, string name) => call.Should().Throw<ArgumentException>().Which.ParamName.Should().Be(name);
}
