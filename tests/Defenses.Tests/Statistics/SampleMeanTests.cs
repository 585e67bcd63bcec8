using Defenses.Statistics;

namespace Defenses.Tests.Statistics;

public sealed class SampleMeanTests
{
    // t with 4 degrees of freedom at 0.975 is 2.776 (any table).
    [Fact]
    public void The_interval_is_that_of_the_textbook()
    {
        var estimate = SampleMean.StudentT([1, 2, 3, 4, 5]);
        estimate.Value.Should().Be(3);
        var half = 2.776445 * Math.Sqrt(2.5) / Math.Sqrt(5);
        estimate.Lower.Should().BeApproximately(3 - half, 1e-5);
        estimate.Upper.Should().BeApproximately(3 + half, 1e-5);
    }

    [Fact]
    public void Numbers_that_do_not_vary_have_an_interval_of_no_width() => SampleMean.StudentT([0.25, 0.25, 0.25]).Should().Be(new Estimate(0.25, 0.25, 0.25));

    [Fact]
    public void One_number_says_nothing_about_others() => SampleMean.StudentT([7]).Interval.Should().Be(Interval.Unbounded);

    [Fact]
    public void Covers_the_mean_of_normal_numbers_as_often_as_stated()
    {
        const int Runs = 2000;
        var covered = Dice.Share(Runs, 3, dice => SampleMean.StudentT([.. Enumerable.Range(0, 6).Select(_ => dice.Normal())]).Interval.Contains(0));
        covered.Should().BeGreaterThanOrEqualTo(Dice.AtLeast(0.95, Runs)).And.BeLessThan(0.975);
    }

    [Fact]
    public void Bad_input_is_refused_with_its_name()
    {
        FluentActions.Invoking(() => SampleMean.StudentT([])).Should().Throw<ArgumentException>().Which.ParamName.Should().Be("values");
        FluentActions.Invoking(() => SampleMean.StudentT([1, double.NaN])).Should().Throw<ArgumentException>().Which.ParamName.Should().Be("values");
        FluentActions.Invoking(() => SampleMean.StudentT([1, 2], 1)).Should().Throw<ArgumentException>().Which.ParamName.Should().Be("confidence");
    }
}
