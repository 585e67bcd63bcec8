using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class QueryCurveTests
{
    public static TheoryData<string> Names => ["RayS", "GeoDA", "SimBA", "Square", "Square L1", "HopSkipJump", "Boundary", "NES", "PGD"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Ends_where_the_attack_ends_after_the_queries_that_it_made(string name)
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        var attack = ByName(name);
        using var result = attack.Run(network.Classifier(), x, labels);
        var curve = QueryCurve.Measure(attack, network.Classifier(), x, labels);
        curve.Spent.Should().Equal(result.QueriesPerExample.Select(queries => queries.Forward));
        var (met, sizes) = (Numbers.Of(result.Met), Numbers.Of(result.Size));
        for (var i = 0; i < sizes.Length; i++)
        {
            var steps = curve.Examples[i];
            if (met[i] > 0) curve.BestSize(i, curve.Spent[i]).Should().BeLessThanOrEqualTo(sizes[i] + 1e-6, "the model got the result");
            steps.Select(step => step.Queries).Should().BeInAscendingOrder();
            steps.All(step => step.Queries > 0 && step.Queries <= curve.Spent[i]).Should().BeTrue();
            steps.Select(step => step.Size).Should().BeInDescendingOrder();
        }

        met.Sum().Should().BeGreaterThan(0);
    }

    [Fact]
    public void The_first_success_of_a_search_that_stops_there_is_its_last_query_but_the_final_decision()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        var curve = QueryCurve.Measure(ByName("Square"), network.Classifier(), x, labels);
        for (var i = 0; i < 16; i++)
            if (curve.FirstMet(i) is { } first) first.Should().Be(curve.Spent[i] - 1);
        curve.At(0).Success.Rate.Should().Be(0);
        var (few, all) = (curve.At(3), curve.At(1000));
        few.Success.Successes.Should().Be(Enumerable.Range(0, 16).Count(i => curve.FirstMet(i) <= 3));
        all.Success.Rate.Should().BeGreaterThan(few.Success.Rate);
        (all.Success.Lower < all.Success.Rate && all.Success.Trials == 16).Should().BeTrue();
        curve.At(1000, epsilon: 0.3).Success.Should().Be(all.Success);
        curve.At(1000, epsilon: 0.01).Success.Rate.Should().Be(0);
    }

    [Fact]
    public void An_image_that_is_wrong_already_counts_from_its_first_query_and_copies_count_one_by_one()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var wrong = (labels + 1).remainder(4);
        var curve = QueryCurve.Measure(ByName("HopSkipJump"), network.Classifier(), x, wrong);
        curve.Examples.Should().OnlyContain(steps => steps.Count == 1 && steps[0].Queries == 1 && steps[0].Size == 0);
        curve.At(1).MedianSize.Should().Be(0);
    }

    [Fact]
    public void A_lucky_draw_of_a_random_model_is_no_success()
    {
        using var coin = new CoinFlip(0.8);
        using var x = full([20, 3], 0.5);
        using var labels = zeros([20], dtype: ScalarType.Int64);
        var attack = new Square(0.3) { Candidates = 10, DecisionDraws = 51, Seed = 1 };
        QueryCurve.Measure(attack, new Classifier(coin, Bounds.Unit), x, labels).At(long.MaxValue).Success.Successes.Should().Be(0);
        using var network = nn.Sequential(("noise", new GaussianNoise(0.01)), ("linear", new LinearModel()));
        network.eval();
        var (points, classes) = ((LinearModel)network[1]).Data();
        using var _ = points;
        using var __ = classes;
        QueryCurve.Measure(new RayS { Queries = 100, Seed = 1 }, new Classifier(network, Bounds.Unit), points, classes)
            .At(100_000).Success.Rate.Should().BeGreaterThan(0.6);
    }

    [Fact]
    public void Is_written_as_json_as_a_table_and_as_a_figure()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        var curve = QueryCurve.Measure(ByName("RayS"), network.Classifier(), x, labels);
        var read = VersionedJson.Read<QueryCurve>(VersionedJson.Write(curve), "defenses.queries/1", "curve", "Measure it again.");
        read.Should().BeEquivalentTo(curve);
        var lines = curve.ToCsv(0.2, [10, 100]).TrimEnd('\n').Split('\n');
        lines.Should().HaveCount(3);
        lines[2].Should().StartWith($"100,{curve.At(100, 0.2).Success.Successes},16,");
        var figure = QueryFigure.Make("queries", [("RayS", curve)], 0.2, [10, 100]);
        figure.Series[0].Points.Select(point => point.Y).Should().Equal(curve.At(10, 0.2).Success.Rate, curve.At(100, 0.2).Success.Rate);
        figure.Series[0].Points[1].YRange.Should().Be(curve.At(100, 0.2).Success.Interval);
        FluentActions.Invoking(() => QueryFigure.Make("queries", [("RayS", curve)], 0.2, [0])).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Leaves_no_tensor_behind_and_refuses_bad_input()
    {
        using var network = new LinearModel();
        var model = network.Classifier();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        Leaks.None(() => QueryCurve.Measure(ByName("RayS"), model, x, labels));
        var curve = QueryCurve.Measure(ByName("RayS"), model, x, labels);
        FluentActions.Invoking(() => curve.At(-1)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("queries");
        FluentActions.Invoking(() => curve.At(1, double.NaN)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("epsilon");
        FluentActions.Invoking(() => curve.FirstMet(16)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("example");
        FluentActions.Invoking(() => QueryCurve.Measure(null!, model, x, labels)).Should().Throw<ArgumentNullException>().WithParameterName("attack");
        FluentActions.Invoking(() => QueryCurve.Measure(ByName("RayS"), null!, x, labels)).Should().Throw<ArgumentNullException>().WithParameterName("model");
    }

    private static Attack ByName(string name) => name switch
    {
        "RayS" => new RayS { Queries = 100, Seed = 1 },
        "GeoDA" => new GeoDA { Queries = 200, Seed = 1 },
        "SimBA" => new SimBA(0.5) { Candidates = 60, Seed = 1 },
        "Square" => new Square(0.3) { Candidates = 60, Seed = 1 },
        "Square L1" => new Square(1) { Norm = Norm.L1, Candidates = 60, Seed = 1 },
        "HopSkipJump" => new HopSkipJump { Steps = 3, FirstQueries = 30, Seed = 1 },
        "Boundary" => new BoundaryAttack { Steps = 30, Seed = 1 },
        "NES" => new Nes(0.3) { Steps = 5, Seed = 1 },
        _ => new Pgd(0.3) { Steps = 5, Seed = 1 },
    };
}
