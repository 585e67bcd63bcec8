using Defenses.Attacks;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class ProximalStepsTests
{
    [Theory]
    [InlineData("L1")]
    [InlineData("L2")]
    [InlineData("Linf")]
    public void The_proximal_point_is_the_best_of_a_grid(string normName)
    {
        using var scope = NewDisposeScope();
        var norm = Norms.ByName(normName);
        var line = arange(-200, 201, dtype: ScalarType.Float64) / 100;
        var grid = cartesian_prod(line, line);                                               // (M, 2)
        var points = Numbers.Normal([6, 2], ScalarType.Float64, seed: 4).clamp(-1.9, 1.9);
        var level = tensor(new[] { 0.1, 0.3, 0.6, 1, 2, 4 });
        var found = ProximalSteps.Of(norm, points, level);
        for (var i = 0; i < 6; i++)
        {
            var point = points.narrow(0, i, 1);
            double Cost(Tensor at) => (level[i] * norm.Size(at) + (at - point).square().sum(1) / 2).min().ToDouble();
            Cost(found.narrow(0, i, 1)).Should().BeLessThanOrEqualTo(Cost(grid) + 1e-9);
        }
    }

    [Fact]
    public void Without_weight_the_point_stays_and_with_any_weight_nothing_is_not_a_number()
    {
        using var scope = NewDisposeScope();
        var (point, metric) = (Numbers.Normal([2, 5], seed: 1), Numbers.Uniform([2, 5], seed: 2) + 0.1);
        foreach (var norm in new[] { Norm.L1, Norm.L2, Norm.Linf })
        {
            var near = ProximalSteps.Decrease(norm, point, metric, tensor(new[] { 0f, 1e30f }), change => change.alias());
            (near[0] - point[0]).abs().max().ToDouble().Should().BeLessThan(1e-6);
            near[1].eq(0).all().ToBoolean().Should().BeTrue();
        }
    }
}
