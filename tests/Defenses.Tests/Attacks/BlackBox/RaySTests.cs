using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class RaySTests : AttackContract<RayS>
{
    protected override RayS Create() => new() { Queries = 150 };

    protected override double RoundingTolerance => 0.05;   // the precision of the radius

    [Fact]
    public void Every_query_of_the_search_is_one_image_and_finished_examples_make_none()
    {
        using var network = new LinearModel(inputs: 12, classes: 2);
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var few = new RayS { Queries = 10, Seed = 1 }.Run(network.Classifier(), x, labels);
        using var more = new RayS { Queries = 25, Seed = 1 }.Run(network.Classifier(), x, labels);
        few.QueriesPerExample.Zip(more.QueriesPerExample, (a, b) => b.Forward - a.Forward).Should().OnlyContain(queries => queries == 15);
        using var whole = new RayS { Queries = 100_000, Seed = 1 }.Run(network.Classifier(), x, labels);
        whole.QueriesPerExample.Should().OnlyContain(queries => queries.Forward < 400, "no single element helps any more");
    }

    [Fact]
    public void Another_norm_is_refused() =>
        FluentActions.Invoking(() => new RayS { Norm = Norm.L2 }).Should().Throw<ArgumentException>().WithParameterName("Norm").WithMessage("*GeoDA*");
}
