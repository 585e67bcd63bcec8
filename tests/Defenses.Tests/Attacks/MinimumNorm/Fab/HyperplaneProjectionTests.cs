using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>The nearest point of a hyperplane within a box: checked against its conditions of optimality, and where the box is too small.</summary>
public sealed class HyperplaneProjectionTests
{
    [Theory]
    [InlineData("L1", 0.3)]
    [InlineData("L1", 3.0)]
    [InlineData("L2", 0.3)]
    [InlineData("L2", 3.0)]
    [InlineData("Linf", 0.3)]
    [InlineData("Linf", 3.0)]
    public void No_other_point_of_box_and_hyperplane_is_nearer(string normName, double gapSize)
    {
        using var scope = NewDisposeScope();
        var (x, normal, gap) = Problem(gapSize);
        var norm = Norms.ByName(normName);
        var change = HyperplaneProjection.Change(x, gap, normal, norm, Bounds.Unit);
        (gap + (normal * change).sum(1)).abs().max().ToDouble().Should().BeLessThan(1e-9, "the point lies on the hyperplane");
        (x + change).min().ToDouble().Should().BeGreaterThanOrEqualTo(-1e-12);
        (x + change).max().ToDouble().Should().BeLessThanOrEqualTo(1 + 1e-12);
        // Random feasible points: mixtures of the solution with random points of the box that are moved onto the hyperplane.
        var size = norm.Size(change);
        using var random = new RandomSource(7);
        for (var trial = 0; trial < 50; trial++)
        {
            var other = random.Uniform(x);
            var otherGap = gap + (normal * (other - x)).sum(1);
            var feasible = other + HyperplaneProjection.Change(other, otherGap, normal, Norm.L2, Bounds.Unit);
            (norm.Size(feasible - x) - size).min().ToDouble().Should().BeGreaterThan(-1e-9);
            var near = x + change + (feasible - x - change) * 0.01;
            (norm.Size(near - x) - size).min().ToDouble().Should().BeGreaterThan(-1e-9);
        }
    }

    [Theory]
    [InlineData("L1")]
    [InlineData("L2")]
    [InlineData("Linf")]
    public void Where_the_box_does_not_reach_all_elements_go_to_their_bounds(string normName)
    {
        using var scope = NewDisposeScope();
        var (x, normal, gap) = Problem(1000);
        var change = HyperplaneProjection.Change(x, gap, normal, Norms.ByName(normName), Bounds.Unit);
        var corner = where(normal * gap.sign().unsqueeze(1) < 0, ones_like(x), zeros_like(x));
        (x + change - corner).abs().max().ToDouble().Should().BeLessThan(1e-9);
    }

    [Fact]
    public void Without_a_slope_nothing_moves()
    {
        using var scope = NewDisposeScope();
        var x = full([2, 3], 0.5);
        foreach (var norm in new[] { Norm.L1, Norm.L2, Norm.Linf })
            HyperplaneProjection.Change(x, ones(2), zeros(2, 3), norm, Bounds.Unit).abs().sum().ToDouble().Should().Be(0);
    }

    // In double precision: points, slopes and values at the points, of both signs.
    private static (Tensor X, Tensor Normal, Tensor Gap) Problem(double gapSize)
    {
        using var random = new RandomSource(3);
        var like = zeros([32, 20], dtype: ScalarType.Float64);
        var signs = random.Bernoulli(0.5, like.narrow(1, 0, 1), 2).sub_(1).squeeze(1);
        return (random.Uniform(like), random.Normal(like), signs * gapSize);
    }
}
