using Defenses.Statistics;

namespace Defenses.Tests.Statistics;

public sealed class BootstrapTests
{
    [Fact]
    public void Covers_a_mean_about_as_often_as_stated()
    {
        const int Runs = 300;
        var covered = Dice.Share(Runs, 11, dice =>
        {
            var values = Enumerable.Range(0, 40).Select(_ => dice.Uniform()).ToArray();
            return Bootstrap.Percentile(40, taken => taken.Average(i => values[i]), dice.Index, 100).Contains(0.5);
        });
        covered.Should().BeInRange(0.88, 0.99, "the percentile interval is approximate, a little short for few examples");
    }

    // Resamples with the statistics 0, 1, 2, …: at 90 % the ends lie a twentieth of the way in from either side, between two of them where need be.
    [Theory]
    [InlineData(101, 5, 95)]
    [InlineData(100, 4.95, 94.05)]
    public void The_ends_are_the_quantiles_of_the_resampled_statistics(int resamples, double lower, double upper)
    {
        var next = 0;
        var interval = Bootstrap.Percentile(1, _ => next++, _ => 0, resamples, 0.9);
        interval.Lower.Should().BeApproximately(lower, 1e-9);
        interval.Upper.Should().BeApproximately(upper, 1e-9);
    }

    [Fact]
    public void A_statistic_that_does_not_vary_has_an_interval_of_no_width()
    {
        Bootstrap.Percentile(5, _ => 3, new Dice(1).Index).Should().Be(new Interval(3, 3));
    }

    [Fact]
    public void Each_resample_takes_as_many_examples_as_there_are()
    {
        Bootstrap.Percentile(7, taken => taken.Count == 7 && taken.All(i => i is >= 0 and < 7) ? 1 : 0, new Dice(1).Index, 20).Lower.Should().Be(1);
    }

    [Fact]
    public void The_same_stream_gives_the_same_interval()
    {
        Interval Run() => Bootstrap.Percentile(9, taken => taken.Sum(), new Dice(3).Index);
        Run().Should().Be(Run());
    }

    [Fact]
    public void Bad_input_is_refused_with_its_name()
    {
        var dice = new Dice(1);
        Refuses(() => Bootstrap.Percentile(0, _ => 0, dice.Index), "count");
        Refuses(() => Bootstrap.Percentile(1, null!, dice.Index), "statistic");
        Refuses(() => Bootstrap.Percentile(1, _ => 0, null!), "index");
        Refuses(() => Bootstrap.Percentile(1, _ => 0, dice.Index, 1), "resamples");
        Refuses(() => Bootstrap.Percentile(1, _ => 0, dice.Index, 10, 0), "confidence");
        FluentActions.Invoking(() => Bootstrap.Percentile(3, _ => double.NaN, dice.Index)).Should().Throw<InvalidOperationException>();
    }

    private static void Refuses(Action call, string name) => call.Should().Throw<ArgumentException>().Which.ParamName.Should().Be(name);
}
