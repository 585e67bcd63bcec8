using Defenses.Statistics;

namespace Defenses.Tests.Contracts;

/// <summary>The properties of every metric. Derive once for each; a convention test requires it.</summary>
public abstract class MetricContract
{
    /// <summary>One valid computation with a fixed seed (if it has one); returns all results as numbers, and leaves no tensor behind.</summary>
    protected abstract IReadOnlyList<double> Compute();

    /// <summary>Computations that must be refused, each with the name of the argument that is wrong.</summary>
    protected abstract IEnumerable<(string Argument, Action Call)> Refused { get; }

    /// <summary>The metric at both ends of what it measures, such as nobody right and everybody right: what came out, and what must by hand.</summary>
    protected abstract IEnumerable<Extreme> Extremes { get; }

    [Fact]
    public void At_its_extremes_it_is_the_number_by_hand_within_its_interval()
    {
        var extremes = Extremes.ToArray();
        extremes.Should().HaveCountGreaterThanOrEqualTo(2);
        extremes.Select(extreme => extreme.Expected).Distinct().Should().HaveCountGreaterThanOrEqualTo(2, "the ends differ");
        foreach (var (name, value, range, expected) in extremes)
        {
            value.Should().BeApproximately(expected, 1e-6 * Math.Max(1, Math.Abs(expected)), name);
            if (range is not { } interval) continue;
            (double.IsNaN(interval.Lower) || double.IsNaN(interval.Upper)).Should().BeFalse(name);
            (interval.Lower - 1e-9 <= value && value <= interval.Upper + 1e-9).Should().BeTrue($"{name}: {value} lies in {interval}");
        }
    }

    [Fact]
    public void The_same_question_has_the_same_answer() => Compute().Should().Equal(Compute());

    [Fact]
    public void A_valid_computation_gives_numbers() => Compute().Should().NotBeEmpty().And.NotContain(double.NaN);

    [Fact]
    public void Leaves_no_tensor_behind() => Leaks.None(() => Compute());

    [Fact]
    public void Bad_input_is_refused_with_the_name_of_the_argument()
    {
        Refused.Should().NotBeEmpty();
        foreach (var (argument, call) in Refused) call.Should().Throw<ArgumentException>(argument).Which.ParamName.Should().Be(argument);
    }

    /// <summary>A metric at an end of what it measures.</summary>
    /// <param name="Name">Which end.</param>
    /// <param name="Value">What the metric says.</param>
    /// <param name="Range">Its interval; null where it gives none.</param>
    /// <param name="Expected">The number by hand.</param>
    protected sealed record Extreme(string Name, double Value, Interval? Range, double Expected)
    {
        /// <summary>An estimate at an end.</summary>
        public static Extreme Of(string name, Estimate estimate, double expected) => new(name, estimate.Value, estimate.Interval, expected);

        /// <summary>A rate at an end.</summary>
        public static Extreme Of(string name, Proportion rate, double expected) => new(name, rate.Rate, rate.Interval, expected);
    }
}
