using Defenses.Statistics;

namespace Defenses.Tests.Statistics;

public sealed class BoundedMeanTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(32)]
    public void Whole_sums_have_the_exact_binomial_interval(long sum)
    {
        BoundedMean.ClopperPearson(sum, 32).Should().Be(BinomialInterval.ClopperPearson(sum, 32));
    }

    [Fact]
    public void Limits_rise_with_the_sum_without_jumps()
    {
        var limits = Enumerable.Range(0, 401).Select(i => BoundedMean.ClopperPearson(i / 40.0, 10)).ToArray();
        limits.Select(limit => limit.Lower).Should().BeInAscendingOrder();
        limits.Select(limit => limit.Upper).Should().BeInAscendingOrder();
        limits.Zip(limits.Skip(1), (a, b) => b.Upper - a.Upper).Max().Should().BeLessThan(0.02);
        limits.Should().OnlyContain(limit => limit.Lower >= 0 && limit.Upper <= 1);
    }

    // Examples with rates of their own, each seen through several draws: the examples are the unit.
    public static TheoryData<string, int, int> Populations()
    {
        var data = new TheoryData<string, int, int>();
        foreach (var population in new[] { "same", "all or nothing", "mixed", "mostly safe", "one value" })
            foreach (var (examples, draws) in new[] { (10, 3), (64, 5), (150, 10) }) data.Add(population, examples, draws);
        return data;
    }

    [Theory]
    [MemberData(nameof(Populations))]
    public void Covers_the_mean_rate_over_examples_and_draws_at_least_as_often_as_stated(string population, int examples, int draws)
    {
        const int Runs = 1200;
        var (rate, truth) = Population(population);
        var known = new Dictionary<int, bool>();
        var covered = Dice.Share(Runs, 7, dice =>
        {
            var hits = 0;
            for (var i = 0; i < examples; i++) hits += dice.Successes(draws, rate(dice.Uniform()));
            if (!known.TryGetValue(hits, out var holds)) known[hits] = holds = BoundedMean.ClopperPearson((double)hits / draws, examples).Contains(truth);
            return holds;
        });
        covered.Should().BeGreaterThanOrEqualTo(Dice.AtLeast(0.95, Runs));
    }

    [Fact]
    public void Draws_counted_as_if_they_were_examples_would_cover_too_rarely()
    {
        const int Runs = 1200;
        var (rate, truth) = Population("all or nothing");
        var covered = Dice.Share(Runs, 8, dice =>
        {
            var hits = 0;
            for (var i = 0; i < 20; i++) hits += dice.Successes(20, rate(dice.Uniform()));
            return BinomialInterval.ClopperPearson(hits, 20 * 20).Contains(truth);
        });
        covered.Should().BeLessThan(0.6, "this is the mistake that the interval over examples avoids");
    }

    [Theory]
    [InlineData("mixed")]
    [InlineData("all or nothing")]
    [InlineData("mostly safe")]
    public void Empirical_Bernstein_covers_and_profits_from_small_variance(string population)
    {
        const int Runs = 1000;
        var (rate, truth) = Population(population);
        var covered = Dice.Share(Runs, 9, dice =>
            BoundedMean.EmpiricalBernstein(Enumerable.Range(0, 50).Select(_ => rate(dice.Uniform())).ToArray()).Contains(truth));
        covered.Should().BeGreaterThanOrEqualTo(Dice.AtLeast(0.95, Runs));
        var constant = Enumerable.Repeat(0.3, 10000).ToArray();
        BoundedMean.EmpiricalBernstein(constant).Width.Should().BeLessThan(BoundedMean.ClopperPearson(3000, 10000).Width / 4);
    }

    [Fact]
    public void Empirical_Bernstein_agrees_with_its_formula()
    {
        // Values 0, 1: mean ½, variance ½, n = 2: the half width exceeds 1, so the interval is [0, 1].
        BoundedMean.EmpiricalBernstein([0, 1]).Should().Be(new Interval(0, 1));
        var values = Enumerable.Range(0, 1000).Select(i => i % 2 == 0 ? 0.4 : 0.6).ToArray();
        var half = Math.Sqrt(2 * (10.0 / 999) * Math.Log(80) / 1000) + 7 * Math.Log(80) / (3 * 999.0);
        BoundedMean.EmpiricalBernstein(values).Upper.Should().BeApproximately(0.5 + half, 1e-9);
    }

    [Fact]
    public void Bad_input_is_refused_with_its_name()
    {
        Refuses(() => BoundedMean.ClopperPearson(0, 0), "count");
        Refuses(() => BoundedMean.ClopperPearson(-0.1, 3), "sum");
        Refuses(() => BoundedMean.ClopperPearson(3.1, 3), "sum");
        Refuses(() => BoundedMean.ClopperPearson(double.NaN, 3), "sum");
        Refuses(() => BoundedMean.ClopperPearson(1, 3, 1.5), "confidence");
        Refuses(() => BoundedMean.EmpiricalBernstein(null!), "values");
        Refuses(() => BoundedMean.EmpiricalBernstein([]), "values");
        Refuses(() => BoundedMean.EmpiricalBernstein([0.5]), "values");
        Refuses(() => BoundedMean.EmpiricalBernstein([0.5, 1.1]), "values");
        Refuses(() => BoundedMean.EmpiricalBernstein([0.5, double.NaN]), "values");
        Refuses(() => BoundedMean.EmpiricalBernstein([0.5, 0.6], 0), "confidence");
    }

    private static void Refuses(Action call, string name) => call.Should().Throw<ArgumentException>().Which.ParamName.Should().Be(name);

    private static (Func<double, double> Rate, double Mean) Population(string name) => name switch
    {
        "same" => (_ => 0.1, 0.1),
        "all or nothing" => (u => u < 0.3 ? 1 : 0, 0.3),
        "mixed" => (u => u, 0.5),
        "mostly safe" => (u => u < 0.9 ? 0 : 0.5, 0.05),
        _ => (_ => 1, 1.0),
    };
}
