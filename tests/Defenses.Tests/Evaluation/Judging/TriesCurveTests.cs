using Defenses.Evaluation;
using Defenses.Evaluation.Work;
using Defenses.Statistics;
using Defenses.Tests.Statistics;

namespace Defenses.Tests.Evaluation;

public sealed class TriesCurveTests
{
    private const int Runs = 1000, Images = 40, Draws = 20;
    private static readonly int[] s_tries = [1, 2, 5, 10, 20];

    [Theory]
    [InlineData(0, 6, 3, 0.0)]
    [InlineData(1, 6, 3, 0.5)]          // 1 − C(5, 3)/C(6, 3) = 1 − 10/20
    [InlineData(2, 6, 3, 0.8)]          // 1 − C(4, 3)/C(6, 3) = 1 − 4/20
    [InlineData(4, 6, 3, 1.0)]
    [InlineData(5, 20, 1, 0.25)]
    [InlineData(1, 20, 20, 1.0)]
    public void An_image_counts_with_the_share_of_the_choices_of_k_draws_that_hold_a_success(int successes, int draws, int tries, double share) =>
        TriesCurve.From([successes], draws).Within(tries).Rate.Should().BeApproximately(share, 1e-12);

    // The mean over all counts of K draws, by the binomial distribution: no simulation.
    [Theory]
    [InlineData(0.03)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void The_rate_and_the_tries_spent_are_unbiased(double p)
    {
        double Mean(Func<TriesCurve, double> of) => Enumerable.Range(0, Draws + 1).Sum(count => Binomial(count, p) * of(TriesCurve.From([count], Draws)));
        foreach (var tries in s_tries) Mean(curve => curve.Within(tries).Rate).Should().BeApproximately(1 - Math.Pow(1 - p, tries), 1e-9);
        Mean(curve => curve.Spent.Value).Should().BeApproximately(Enumerable.Range(0, Draws).Sum(j => Math.Pow(1 - p, j)), 1e-9);
    }

    // A coin on every image, a coin of its own for each image, and images that always or never fall.
    [Theory]
    [InlineData("coin")]
    [InlineData("coins")]
    [InlineData("all or nothing")]
    public void The_curve_of_coin_flips_is_nominal_over_1000_runs(string population)
    {
        var dice = new Dice(11);
        var covered = new int[s_tries.Length];
        var (sums, spent) = (new double[s_tries.Length], 0);
        for (var run = 0; run < Runs; run++)
        {
            var curve = TriesCurve.From([.. Enumerable.Range(0, Images).Select(_ => dice.Successes(Draws, Rate(population, dice)))], Draws);
            for (var i = 0; i < s_tries.Length; i++)
            {
                var rate = curve.Within(s_tries[i]);
                if (rate.Interval.Contains(Truth(population, s_tries[i]))) covered[i]++;
                sums[i] += rate.Rate;
            }
            if (curve.Spent.Interval.Contains(1 + Enumerable.Range(1, Draws - 1).Sum(j => 1 - Truth(population, j)))) spent++;
        }
        covered.Append(spent).Should().OnlyContain(count => count >= Runs * Dice.AtLeast(0.95, Runs));
        for (var i = 0; i < s_tries.Length; i++)
        {
            var truth = Truth(population, s_tries[i]);
            (sums[i] / Runs).Should().BeApproximately(truth, 4 * Math.Sqrt(truth * (1 - truth) / (Runs * Images)));
        }
    }

    // Both counts are of the same images on fresh draws: what an idle attack adds is nothing, and the interval says so.
    [Theory]
    [InlineData("coin", Images)]
    [InlineData("coins", Images)]
    [InlineData("all or nothing", Images)]
    [InlineData("coin", 3)]
    [InlineData("coins", 3)]
    [InlineData("coins", 6)]
    public void An_attack_that_does_nothing_adds_nothing_over_1000_runs(string population, int images)
    {
        int[] tries = [1, 5, 20];
        var dice = new Dice(12);
        var holds = new int[tries.Length];
        for (var run = 0; run < Runs; run++)
        {
            double[] rates = [.. Enumerable.Range(0, images).Select(_ => Rate(population, dice))];
            int[] Counts() => [.. rates.Select(rate => dice.Successes(Draws, rate))];
            var points = Added(tries, Counts(), Counts());
            for (var i = 0; i < tries.Length; i++) if (points[i].Interval.Contains(0)) holds[i]++;
        }
        holds.Should().OnlyContain(count => count >= Runs * Dice.AtLeast(0.95, Runs));
    }

    [Fact]
    public void An_attack_that_doubles_the_errors_adds_them()
    {
        int[] met = [.. Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? 8 : 12)], errors = [.. met.Select(count => count / 4)];
        var added = Added([1, 20], met, errors);
        added[0].Value.Should().BeApproximately(10 / 20.0 - 2.5 / 20, 1e-12);
        added[0].Lower.Should().BeGreaterThan(0);
        added[1].Value.Should().Be(0, "within 20 tries every image errs anyway");
    }

    [Fact]
    public void The_first_and_the_last_point_are_the_mean_draw_and_the_worst_of_k()
    {
        int[] met = [0, 3, 7, 9, 1, 0, 4];
        var judgement = new Judgement(new Judge(9) { Confidence = 0.9 }, 1, true, [.. met.Select(count => 9 - count)], met);
        judgement.Tries.Within(1).Should().Be(judgement.Success.MeanDraw);
        judgement.Tries.Within(9).Should().Be(judgement.Success.WorstOfK);
        (judgement.Tries.Draws, judgement.Tries.Count, judgement.Tries.Confidence).Should().Be((9, 7L, 0.9));
        Enumerable.Range(1, 9).Select(tries => judgement.Tries.Within(tries).Rate).Should().BeInAscendingOrder();
        AttackRates.From(judgement, judgement).Tries!.Count.Should().Be(5, "two images are not recognised");
    }

    [Fact]
    public void Half_is_the_first_number_of_tries_that_takes_half_of_the_images()
    {
        var curve = TriesCurve.From([1, 1, 0, 10], 10);
        curve.Half.Should().Be(Enumerable.Range(1, 10).First(tries => curve.Within(tries).Rate >= 0.5));
        TriesCurve.From([0, 0, 4], 10).Half.Should().BeNull("two of three images hold ten times");
        TriesCurve.From([10, 10], 10).Half.Should().Be(1);
        TriesCurve.From([1, 0], 1).Spent.Should().Be(new Estimate(1, 1, 1));
    }

    [Fact]
    public void The_numbers_of_tries_shown_are_round_and_end_with_all_draws()
    {
        TriesCurve.Shown(100, 1).Should().Equal(1, 2, 5, 10, 20, 50, 100);
        TriesCurve.Shown(30, 7).Should().Equal(1, 2, 5, 7, 10, 20, 30);
        TriesCurve.Shown(1, 1).Should().Equal(1);
        TriesCurve.Shown(int.MaxValue, 1)[^1].Should().Be(int.MaxValue);
    }

    [Fact]
    public void Bad_input_is_refused_with_its_name()
    {
        Refuses(() => TriesCurve.From(null!, 3), "successes");
        Refuses(() => TriesCurve.From([], 3), "successes");
        Refuses(() => TriesCurve.From([4], 3), "successes");
        Refuses(() => TriesCurve.From([1], 0), "draws");
        Refuses(() => TriesCurve.From([1], 3, 1), "confidence");
        Refuses(() => TriesCurve.From([1], 3).Within(0), "tries");
        Refuses(() => TriesCurve.From([1], 3).Within(4), "tries");
    }

    private static Estimate[] Added(int[] tries, int[] met, int[] errors)
    {
        var sum = new TriesSum(Draws, tries);
        sum.Add(met, errors, [.. met.Select(count => Draws - count)], [.. met.Select(_ => true)]);
        return [.. sum.Result(0.95).Points.Select(point => point.Added!)];
    }

    private static double Rate(string population, Dice dice) => population switch
    {
        "coin" => 0.5, "coins" => dice.Uniform(), _ => dice.Uniform() < 0.3 ? 1 : 0,
    };

    // E[1 − (1 − p)ᵏ]: for coins of their own ∫(1 − (1 − p)ᵏ)dp.
    private static double Truth(string population, int tries) => population switch
    {
        "coin" => 1 - Math.Pow(0.5, tries), "coins" => 1 - 1.0 / (tries + 1), _ => 0.3,
    };

    private static double Binomial(int count, double p) =>
        MathNet.Numerics.SpecialFunctions.Binomial(Draws, count) * Math.Pow(p, count) * Math.Pow(1 - p, Draws - count);

    private static void Refuses(Action call, string name) => call.Should().Throw<ArgumentException>().Which.ParamName.Should().Be(name);
}
