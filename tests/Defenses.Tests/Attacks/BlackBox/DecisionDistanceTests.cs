using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>Decision-based attacks against the exact distance to the boundary of a linear model, at a stated number of queries.</summary>
public sealed class DecisionDistanceTests
{
    [Theory]
    [InlineData("RayS", "Linf", 700, 1.05)]
    [InlineData("GeoDA", "L2", 1500, 1.1)]
    [InlineData("GeoDA", "Linf", 1500, 1.15)]
    public void Comes_near_the_boundary_of_a_linear_model(string name, string normName, int queries, double factor)
    {
        using var network = new LinearModel(inputs: 24, classes: 2);
        using (no_grad())
        using (var middle = network.Weight.sum(1))
            network.Bias.copy_(middle.mul_(-0.5));   // the boundary goes through the middle of the box
        var (x, labels) = network.Data(12);
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        var norm = Norms.ByName(normName);
        Attack attack = name == "RayS" ? new RayS { Queries = queries, Seed = 1 } : new GeoDA { Norm = norm, Queries = queries, Seed = 1 };
        var oracle = new DecisionOracle(images => network.call(images).argmax(1), Bounds.Unit, 2);   // decisions alone
        using var result = attack.Run(oracle, x, labels);
        var w = network.Weight.detach().select(0, 1) - network.Weight.detach().select(0, 0);
        var exact = Goal.Avoid(labels).Margin(network.call(x).detach()).abs() / (normName == "L2" ? w.norm() : w.abs().sum());
        result.Met.all().ToBoolean().Should().BeTrue();
        var ratio = (result.Size / exact).masked_select(exact > exact.max() * 0.2);   // nearer ones are lost in the rounding of the network
        ratio.min().ToDouble().Should().BeGreaterThan(0.999);
        ratio.max().ToDouble().Should().BeLessThan(factor);
        result.QueriesPerExample.Max(one => one.Forward).Should().BeLessThan(queries + 300, "the start and the returns to the boundary come on top");
    }
}
