using Defenses.Metrics;
using Defenses.Statistics;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Metrics;

public sealed class TransferabilityTests : MetricContract
{
    private static readonly TransferCase[] s_cases =
    [
        new(0, "A", "A", 0.5, 1), new(1, "A", "A", 1.0, 1), new(2, "A", "A", 2.5, 0),
        new(0, "A", "B", 0.5, 0), new(1, "A", "B", 1.0, 0.5), new(2, "A", "B", 2.5, 1),
        new(0, "B", "A", 3.0, 1),
    ];

    [Fact]
    public void Each_bucket_holds_its_lower_edge_and_not_its_upper()
    {
        var buckets = Transferability.ByDistance([.. s_cases.Where(each => each.Tested == "B")], [0, 1, 2, 3, 4]);
        buckets.Select(bucket => (bucket.From, bucket.To, bucket.Cases)).Should().Equal((0, 1, 1), (1, 2, 1), (2, 3, 1), (3, 4, 0));
        buckets.Select(bucket => bucket.Success?.Rate).Should().Equal(0, 0.5, 1, null);
    }

    [Fact]
    public void The_matrix_has_a_row_for_each_origin_and_a_column_for_each_victim()
    {
        var matrix = Transferability.Matrix(s_cases);
        matrix.Crafted.Should().Equal("A", "B");
        matrix.Tested.Should().Equal("A", "B");
        matrix.Success[0][0]!.Rate.Should().BeApproximately(2 / 3d, 1e-12);
        matrix.Success[0][1]!.Rate.Should().BeApproximately(0.5, 1e-12);
        matrix.Success[1][1].Should().BeNull();
        matrix.Resilience("A", "A")!.Rate.Should().BeApproximately(1 / 3d, 1e-12);
        matrix.Resilience("B", "B").Should().BeNull();
    }

    [Fact]
    public void Cases_of_one_image_are_one_trial()
    {
        TransferCase[] same = [new(7, "A", "B", 1, 1), new(7, "A", "C", 1, 0), new(8, "A", "B", 1, 1)];
        Transferability.Rate(same).Should().Be(new Proportion(1.5, 2));
        Transferability.Rate([]).Should().BeNull();
    }

    protected override IReadOnlyList<double> Compute() =>
        [Transferability.Rate(s_cases)!.Rate, Transferability.Matrix(s_cases).Success[0][1]!.Lower,
            Transferability.ByDistance(s_cases, [0, 9])[0].Success!.Upper];

    protected override IEnumerable<Extreme> Extremes =>
    [
        Extreme.Of("every case fools", Transferability.Rate([.. s_cases.Select(each => each with { Success = 1 })])!, 1),
        Extreme.Of("no case fools", Transferability.Matrix([.. s_cases.Select(each => each with { Success = 0 })]).Success[0][0]!, 0),
    ];

    protected override IEnumerable<(string Argument, Action Call)> Refused
    {
        get
        {
            yield return ("cases", () => Transferability.Rate(null!));
            yield return ("cases", () => Transferability.Rate([null!]));
            yield return ("cases", () => Transferability.Rate([new(0, "A", "B", 1, 1.5)]));
            yield return ("cases", () => Transferability.Rate([new(0, "A", "B", 1, double.NaN)]));
            yield return ("cases", () => Transferability.Rate([new(0, "A", "B", -1, 1)]));
            yield return ("cases", () => Transferability.Rate([new(0, "A", "B", double.PositiveInfinity, 1)]));
            yield return ("cases", () => Transferability.Rate([new(0, null!, "B", 1, 1)]));
            yield return ("confidence", () => Transferability.Rate(s_cases, 1));
            yield return ("edges", () => Transferability.ByDistance(s_cases, [1]));
            yield return ("edges", () => Transferability.ByDistance(s_cases, [1, 1]));
            yield return ("edges", () => Transferability.ByDistance(s_cases, [1, double.NaN]));
            yield return ("cases", () => Transferability.Matrix([]));
            yield return ("crafted", () => Transferability.Matrix(s_cases).Resilience("C", "A"));
            yield return ("tested", () => Transferability.Matrix(s_cases).Resilience("A", "C"));
        }
    }
}
