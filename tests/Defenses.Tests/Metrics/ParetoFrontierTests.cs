using Defenses.Metrics;
using Defenses.Statistics;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Metrics;

public sealed class ParetoFrontierTests : MetricContract
{
    [Fact]
    public void A_defense_that_is_better_in_one_and_worse_in_none_dominates()
    {
        Dominated(ParetoFrontier.ByValue([Point("base", 0.99, 0.1), Point("noise", 0.97, 0.5), Point("dropout", 0.96, 0.4), Point("switching", 0.98, 0.7)]))
            .Should().Equal(null, "switching", "noise", null);
    }

    [Fact]
    public void A_faster_defense_stays_on_the_frontier()
    {
        Dominated(ParetoFrontier.ByValue([Point("slow", 0.99, 0.7, 10), Point("fast", 0.98, 0.6, 1), Point("slower", 0.98, 0.6, 11)])).Should()
            .Equal(null, null, "slow");
    }

    [Fact]
    public void Equals_do_not_dominate_each_other()
    {
        ParetoFrontier.ByValue([Point("a", 0.9, 0.5), Point("b", 0.9, 0.5)]).Should().OnlyContain(point => point.IsOnFrontier);
    }

    [Fact]
    public void By_intervals_only_a_certain_loser_leaves()
    {
        TradeOff better = new("better", new(0.9, 0.88, 0.92), new(0.6, 0.55, 0.65));
        TradeOff unsure = new("unsure", new(0.88, 0.86, 0.9), new(0.4, 0.35, 0.45));
        TradeOff worse = new("worse", new(0.8, 0.75, 0.87), new(0.4, 0.35, 0.55));
        TradeOff[] all = [better, unsure, worse];
        Dominated(ParetoFrontier.ByValue(all)).Should().Equal(null, "better", "better");
        Dominated(ParetoFrontier.ByInterval(all)).Should().Equal(null, null, "better");
    }

    [Fact]
    public void A_defense_dominated_by_interval_is_dominated_by_value()
    {
        using var random = new Defenses.Randomness.RandomSource(2);
        Estimate Draw()
        {
            var (value, half) = (random.Uniform(), 0.1 * random.Uniform());
            return new(value, value - half, value + half);
        }
        TradeOff[] all = [.. Enumerable.Range(0, 60).Select(i => new TradeOff($"{i}", Draw(), Draw(), Draw()))];
        var (certain, plain) = (ParetoFrontier.ByInterval(all), ParetoFrontier.ByValue(all));
        certain.Count(point => !point.IsOnFrontier).Should().BeGreaterThan(0);
        certain.Zip(plain).Should().OnlyContain(pair => pair.First.IsOnFrontier || !pair.Second.IsOnFrontier);
        plain.Should().Contain(point => point.IsOnFrontier);
    }

    protected override IReadOnlyList<double> Compute() =>
        [.. ParetoFrontier.ByInterval([Point("a", 0.9, 0.5), Point("b", 0.8, 0.4)]).Select(point => point.IsOnFrontier ? 1.0 : 0)];

    protected override IEnumerable<Extreme> Extremes
    {
        get
        {
            Extreme Of(string name, double expected, params TradeOff[] points) =>
                new(name, ParetoFrontier.ByValue(points).Count(point => point.IsOnFrontier), null, expected);
            yield return Of("nobody right", 2, Point("a", 0, 0), Point("b", 0, 0));
            yield return Of("everybody right", 3, Point("a", 1, 1), Point("b", 1, 1), Point("c", 1, 1));
            yield return Of("one always right, the other never", 1, Point("a", 1, 1), Point("b", 0, 0));
        }
    }

    protected override IEnumerable<(string Argument, Action Call)> Refused
    {
        get
        {
            yield return ("defenses", () => ParetoFrontier.ByValue([]));
            yield return ("defenses", () => ParetoFrontier.ByValue(null!));
            yield return ("defenses", () => ParetoFrontier.ByInterval([null!]));
            yield return ("defenses", () => ParetoFrontier.ByInterval([Point("a", double.NaN, 0.5)]));
            yield return ("defenses", () => ParetoFrontier.ByInterval([Point(null!, 0.5, 0.5)]));
            yield return ("defenses", () => ParetoFrontier.ByValue([Point("a", 0.5, 0.5, 1), Point("b", 0.5, 0.5)]));
        }
    }

    private static IEnumerable<string?> Dominated(IEnumerable<FrontierPoint> points) => points.Select(point => point.DominatedBy);

    private static TradeOff Point(string name, double accuracy, double robustness, double? latency = null) =>
        new(name, Exactly(accuracy), Exactly(robustness), latency is { } time ? Exactly(time) : null);

    private static Estimate Exactly(double value) => new(value, value, value);
}
