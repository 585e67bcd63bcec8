using Defenses.Metrics;
using Defenses.Statistics;
using Defenses.Tests.Contracts;
using Defenses.Tests.Statistics;

namespace Defenses.Tests.Metrics;

public sealed class PairedComparisonTests : MetricContract
{
    [Fact]
    public void The_table_counts_majorities_and_the_test_is_mcnemars()
    {
        int[] first = [10, 10, 6, 6, 9, 8, 7, 5], second = [10, 0, 4, 2, 1, 3, 5, 6];
        var result = PairedComparison.Measure(first, second, 10);
        (result.Both, result.FirstOnly, result.SecondOnly, result.Neither).Should().Be((1, 6, 1, 0));
        result.PValue.Should().Be(McNemar.PValue(6, 1));
        result.First.Should().Be(new Proportion(6.1, 8));
        result.Difference.Value.Should().BeApproximately((61 - 31) / 80d, 1e-12);
        result.Bootstrap.Contains(result.Difference.Value).Should().BeTrue();
    }

    // Half of the examples differ by the one draw of four that the first holds more.
    [Fact]
    public void The_bootstrap_resamples_examples_at_the_given_confidence()
    {
        int[] first = [.. Enumerable.Range(0, 100).Select(i => 2 + i % 2)], second = [.. Enumerable.Repeat(2, 100)];
        var wide = PairedComparison.Measure(first, second, 4, 0.95).Bootstrap;
        var deviation = 0.25 * Math.Sqrt(0.25 / 100);   // of the mean of 100 that are 0 or ¼
        wide.Lower.Should().BeApproximately(0.125 - 1.96 * deviation, 0.3 * deviation);
        wide.Upper.Should().BeApproximately(0.125 + 1.96 * deviation, 0.3 * deviation);
        PairedComparison.Measure(first, second, 4, 0.5).Bootstrap.Width.Should().BeApproximately(2 * 0.6745 * deviation, 0.3 * deviation);
    }

    [Fact]
    public void A_defense_beside_itself_is_no_better_without_any_doubt()
    {
        int[] counts = [3, 0, 5, 2, 1, 5];
        var result = PairedComparison.Measure(counts, counts, 5);
        result.Correlation.Should().BeApproximately(1, 1e-12);
        (result.Difference.Value, result.PValue, result.Bootstrap).Should().Be((0, 1, new Interval(0, 0)));
    }

    [Fact]
    public void Pairs_that_go_together_have_the_shorter_interval()
    {
        int[] first = [.. Enumerable.Range(0, 100).Select(i => i < 60 ? 1 : 0)], same = [.. Enumerable.Range(0, 100).Select(i => i < 50 ? 1 : 0)];
        var apart = PairedComparison.Measure(first, [.. same.Reverse()], 1);
        var together = PairedComparison.Measure(first, same, 1);
        together.Difference.Value.Should().Be(apart.Difference.Value);
        together.Difference.Interval.Width.Should().BeLessThan(apart.Difference.Interval.Width * 0.6);
        (together.Correlation > 0.8, apart.Correlation < 0).Should().Be((true, true));
    }

    [Fact]
    public void Counts_that_do_not_vary_have_no_correlation() => PairedComparison.Measure([1, 1, 1], [0, 1, 0], 1).Correlation.Should().Be(0);

    // Examples of differing difficulty: both defenses draw each with its own probability, the second a tenth lower.
    [Fact]
    public void The_interval_covers_the_true_difference_at_least_as_often_as_stated()
    {
        const int Runs = 300, Images = 60, Draws = 5;
        var covered = Dice.Share(Runs, 5, dice =>
        {
            double[] easy = [.. Enumerable.Range(0, Images).Select(_ => 0.1 + 0.9 * dice.Uniform())];
            return PairedComparison.Measure(
                [.. easy.Select(rate => dice.Successes(Draws, rate))], [.. easy.Select(rate => dice.Successes(Draws, rate - 0.1))], Draws,
                    resamples: 2).Difference.Interval.Contains(0.1);
        });
        covered.Should().BeGreaterThanOrEqualTo(Dice.AtLeast(0.95, Runs));
    }

    protected override IReadOnlyList<double> Compute()
    {
        var result = PairedComparison.Measure([3, 1, 4, 1, 5], [2, 1, 2, 1, 5], 5);
        return [result.Difference.Lower, result.Bootstrap.Lower, result.Bootstrap.Upper, result.PValue];
    }

    protected override IEnumerable<Extreme> Extremes =>
    [
        Extreme.Of("the first always right, the second never", PairedComparison.Measure([5, 5, 5, 5], [0, 0, 0, 0], 5).Difference, 1),
        Extreme.Of("the second always right, the first never", PairedComparison.Measure([0, 0, 0, 0], [5, 5, 5, 5], 5).Difference, -1),
        Extreme.Of("both always right", PairedComparison.Measure([5, 5, 5, 5], [5, 5, 5, 5], 5).Difference, 0),
        new("both never right, by bootstrap", 0, PairedComparison.Measure([0, 0], [0, 0], 5).Bootstrap, 0),
    ];

    protected override IEnumerable<(string Argument, Action Call)> Refused
    {
        get
        {
            yield return ("first", () => PairedComparison.Measure([], [], 1));
            yield return ("first", () => PairedComparison.Measure([2], [1], 1));
            yield return ("second", () => PairedComparison.Measure([1], [-1], 1));
            yield return ("second", () => PairedComparison.Measure([1], [1, 0], 1));
            yield return ("second", () => PairedComparison.Measure([1], null!, 1));
            yield return ("draws", () => PairedComparison.Measure([1], [1], 0));
            yield return ("confidence", () => PairedComparison.Measure([1], [1], 1, 1));
            yield return ("resamples", () => PairedComparison.Measure([1], [1], 1, 0.95, 1));
        }
    }
}
