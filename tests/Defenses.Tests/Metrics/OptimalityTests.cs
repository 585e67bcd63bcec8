using Defenses.Metrics;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Metrics;

/// <summary>Shares of the envelope, by hand.</summary>
public sealed class OptimalityTests : MetricContract
{
    private const double Never = double.PositiveInfinity;

    [Fact]
    public void The_envelope_is_the_smallest_change_of_each_image() =>
        Optimality.Envelope([[1, 4, Never], [2, 3, Never], [Never, 5, Never]]).Should().Equal(1, 3, Never);

    [Fact]
    public void The_envelope_itself_has_1_and_no_success_has_0()
    {
        double[] envelope = [0, 1, 2, 4, Never];
        Optimality.Local(envelope, envelope)!.Should().BeEquivalentTo(new { Value = 1.0, Lower = 1.0, Upper = 1.0 });
        Optimality.Local([0, Never, Never, Never, Never], envelope)!.Should().BeEquivalentTo(new { Value = 0.0, Lower = 0.0, Upper = 0.0 });
    }

    // D = 4. Without success each of the four images that are right keeps 4: A₀ = 16/5. The envelope has (1 + 2 + 4 + 4)/5 = 11/5, the attack
    // (2 + 3 + 4 + 4)/5 = 13/5, for 9 counts as 4.
    [Fact]
    public void The_share_is_that_of_the_exact_areas()
    {
        var share = Optimality.Local([0, 2, 3, 9, Never], [0, 1, 2, 4, Never])!;
        share.Value.Should().BeApproximately((16.0 - 13) / (16 - 11), 1e-12);
        share.Lower.Should().BeLessThan(share.Value);
        share.Upper.Should().BeGreaterThan(share.Value);
    }

    [Fact]
    public void The_share_is_that_of_the_areas_under_the_curves_of_robust_accuracy()
    {
        using var random = new Defenses.Randomness.RandomSource(5);
        double[] first = [.. Enumerable.Range(0, 40).Select(_ => 0.2 + random.Uniform())];
        double[] second = [.. first.Select(size => size * (0.7 + 0.6 * random.Uniform()))];
        var envelope = Optimality.Envelope([first, second]);
        var most = envelope.Max();
        double Area(IReadOnlyList<double> changes)
        {
            const int Cells = 2_000;   // a sum at the middles of cells
            return Enumerable.Range(0, Cells).Average(cell => Optimality.RobustAccuracy(changes, most * (cell + 0.5) / Cells).Rate) * most;
        }
        Optimality.Local(first, envelope)!.Value.Should().BeApproximately((most - Area(first)) / (most - Area(envelope)), 2e-3);
    }

    [Fact]
    public void A_change_of_an_image_that_is_wrong_anyway_costs()
    {
        Optimality.Local([0.5, 1, 2], [0, 1, 2])!.Value.Should().BeApproximately((2 - 0.5 - 1) / (4 - 3.0), 1e-12);
    }

    [Fact]
    public void Where_no_attack_tells_images_apart_there_is_no_share()
    {
        Optimality.Local([0, 0], [0, 0]).Should().BeNull("every image is wrong without an attack");
        Optimality.Local([Never, Never], [Never, Never]).Should().BeNull("no image was broken");
        Optimality.Local([0, 3], [0, 3]).Should().BeNull("nothing lies below the largest change");
    }

    [Fact]
    public void Global_optimality_is_the_mean_over_models_that_have_one()
    {
        Optimality.Global([new(0.5, 0, 1), null, new(1, 1, 1)]).Should().Be(0.75);
        Optimality.Global([null]).Should().BeNull();
    }

    [Fact]
    public void Robust_accuracy_counts_what_needs_a_larger_change()
    {
        Optimality.RobustAccuracy([0, 1, 2, Never], 0).Rate.Should().Be(0.75);
        Optimality.RobustAccuracy([0, 1, 2, Never], 1).Rate.Should().Be(0.5, "a change of just ε breaks an image");
        Optimality.RobustAccuracy([0, 1, 2, Never], 100).Rate.Should().Be(0.25);
    }

    protected override IReadOnlyList<double> Compute()
    {
        var local = Optimality.Local([2, 3, 9], [1, 2, 4])!;
        return [local.Value, local.Lower, local.Upper, Optimality.Global([local])!.Value, .. Optimality.Envelope([[1, 2], [2, 1]]),
            Optimality.RobustAccuracy([1, 2], 1).Rate];
    }

    protected override IEnumerable<Extreme> Extremes =>
    [
        Extreme.Of("the smallest change of every image", Optimality.Local([1, 2, 4], [1, 2, 4])!, 1),
        Extreme.Of("no success", Optimality.Local([Never, Never, Never], [1, 2, 4])!, 0),
    ];

    protected override IEnumerable<(string Argument, Action Call)> Refused =>
    [
        ("changes", () => Optimality.Envelope([])), ("changes", () => Optimality.Envelope([[]])), ("changes", () => Optimality.Envelope([[1], [1, 2]])),
        ("changes", () => Optimality.Envelope([[1, -1]])), ("changes", () => Optimality.Local([double.NaN], [1])), ("changes", () => Optimality.Local([], [])),
        ("envelope", () => Optimality.Local([1, 2], [1])), ("envelope", () => Optimality.Local([1, 2], [1, 3])),
        ("envelope", () => Optimality.Local([1], [-1])), ("confidence", () => Optimality.Local([1], [1], confidence: 1)),
        ("locals", () => Optimality.Global([])), ("epsilon", () => Optimality.RobustAccuracy([1], -1)), ("changes", () => Optimality.RobustAccuracy([], 1)),
    ];
}
