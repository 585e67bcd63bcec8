using Defenses.Statistics;

namespace Defenses.Tests.Statistics;

public sealed class BinomialIntervalTests
{
    // R: binom.test(x, n)$conf.int
    [Theory]
    [InlineData(1, 10, 0.95, 0.002528579, 0.4450161)]
    [InlineData(5, 10, 0.95, 0.1870860, 0.8129140)]
    [InlineData(81, 263, 0.95, 0.2527017, 0.3676596)]
    [InlineData(15, 148, 0.95, 0.0578564, 0.1616783)]
    public void Agrees_with_published_limits(long successes, long trials, double confidence, double lower, double upper)
    {
        var interval = BinomialInterval.ClopperPearson(successes, trials, confidence);
        interval.Lower.Should().BeApproximately(lower, 2e-4);
        interval.Upper.Should().BeApproximately(upper, 2e-4);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000000)]
    public void None_or_all_of_n_have_the_closed_form(long n)
    {
        BinomialInterval.ClopperPearson(0, n).Should().Match<Interval>(i => i.Lower == 0 && Math.Abs(i.Upper - (1 - Math.Pow(0.025, 1.0 / n))) < 1e-9);
        BinomialInterval.ClopperPearson(n, n).Should().Match<Interval>(i => i.Upper == 1 && Math.Abs(i.Lower - Math.Pow(0.025, 1.0 / n)) < 1e-9);
        BinomialInterval.ClopperPearsonUpper(0, n).Should().BeApproximately(1 - Math.Pow(0.05, 1.0 / n), 1e-9);
        BinomialInterval.ClopperPearsonLower(n, n).Should().BeApproximately(Math.Pow(0.05, 1.0 / n), 1e-9);
        BinomialInterval.ClopperPearsonLower(0, n).Should().Be(0);
        BinomialInterval.ClopperPearsonUpper(n, n).Should().Be(1);
    }

    [Theory]
    [InlineData(3, 20)]
    [InlineData(50, 100)]
    [InlineData(999, 1000)]
    public void Each_limit_is_the_probability_at_which_its_tail_is_as_rare_as_stated(int successes, int trials)
    {
        var interval = BinomialInterval.ClopperPearson(successes, trials, 0.9);
        MathNet.Numerics.Distributions.Binomial.CDF(interval.Upper, trials, successes).Should().BeApproximately(0.05, 1e-9);
        (1 - MathNet.Numerics.Distributions.Binomial.CDF(interval.Lower, trials, successes - 1)).Should().BeApproximately(0.05, 1e-9);
    }

    [Fact]
    public void One_sided_limits_are_those_of_the_two_sided_interval_of_twice_the_risk()
    {
        var interval = BinomialInterval.ClopperPearson(13, 40, 0.9);
        BinomialInterval.ClopperPearsonLower(13, 40, 0.95).Should().BeApproximately(interval.Lower, 1e-12);
        BinomialInterval.ClopperPearsonUpper(13, 40, 0.95).Should().BeApproximately(interval.Upper, 1e-12);
    }

    [Theory]
    [InlineData(20, 0.03)]
    [InlineData(20, 0.5)]
    [InlineData(100, 0.9)]
    [InlineData(64, 0.997)]
    public void Covers_the_true_rate_at_least_as_often_as_stated(int trials, double truth)
    {
        const int Runs = 4000;
        var intervals = Enumerable.Range(0, trials + 1).Select(k => BinomialInterval.ClopperPearson(k, trials)).ToArray();
        Dice.Share(Runs, 1, dice => intervals[dice.Successes(trials, truth)].Contains(truth)).Should().BeGreaterThanOrEqualTo(Dice.AtLeast(0.95, Runs));
        var lower = Enumerable.Range(0, trials + 1).Select(k => BinomialInterval.ClopperPearsonLower(k, trials)).ToArray();
        Dice.Share(Runs, 2, dice => lower[dice.Successes(trials, truth)] <= truth).Should().BeGreaterThanOrEqualTo(Dice.AtLeast(0.95, Runs));
    }

    [Fact]
    public void Wilson_agrees_with_its_formula_and_is_shorter()
    {
        // Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662, 0 of 20 gives 0 to 0.1611.
        BinomialInterval.Wilson(81, 263).Should().Match<Interval>(i => Math.Abs(i.Lower - 0.2553) < 5e-5 && Math.Abs(i.Upper - 0.3662) < 5e-5);
        BinomialInterval.Wilson(0, 20).Should().Match<Interval>(i => i.Lower == 0 && Math.Abs(i.Upper - 0.1611) < 5e-5);
        BinomialInterval.Wilson(81, 263).Width.Should().BeLessThan(BinomialInterval.ClopperPearson(81, 263).Width);
    }

    [Fact]
    public void More_confidence_makes_a_wider_interval()
    {
        BinomialInterval.ClopperPearson(30, 64, 0.99).Width.Should().BeGreaterThan(BinomialInterval.ClopperPearson(30, 64, 0.9).Width);
    }

    [Theory]
    [InlineData(0, 0, 0.95, "trials")]
    [InlineData(0, -1, 0.95, "trials")]
    [InlineData(-1, 5, 0.95, "successes")]
    [InlineData(6, 5, 0.95, "successes")]
    [InlineData(3, 5, 0, "confidence")]
    [InlineData(3, 5, 1, "confidence")]
    [InlineData(3, 5, double.NaN, "confidence")]
    public void Bad_input_is_refused_with_its_name(long successes, long trials, double confidence, string name)
    {
        foreach (var call in new Action[]
                 {
                     () => BinomialInterval.ClopperPearson(successes, trials, confidence), () => BinomialInterval.Wilson(successes, trials, confidence),
                     () => BinomialInterval.ClopperPearsonLower(successes, trials, confidence),
                     () => BinomialInterval.ClopperPearsonUpper(successes, trials, confidence),
                 })
            call.Should().Throw<ArgumentOutOfRangeException>().WithParameterName(name);
    }
}
