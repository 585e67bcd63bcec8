using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class L1BoxTests
{
    [Theory]
    [InlineData(0.2)]
    [InlineData(1.5)]
    [InlineData(100)]
    public void The_projection_is_the_nearest_point_of_ball_and_box(double radius)
    {
        using var scope = NewDisposeScope();
        var original = Numbers.Uniform([20, 30], ScalarType.Float64, seed: 1);
        var point = original + Numbers.Normal([20, 30], ScalarType.Float64, seed: 2);
        var nearest = L1Box.Nearest(point, original, radius, Bounds.Unit);
        (nearest - original).abs().sum(dim: 1).max().ToDouble().Should().BeLessThanOrEqualTo(radius + 1e-9);
        (nearest.min().ToDouble() >= 0 && nearest.max().ToDouble() <= 1).Should().BeTrue();
        // By bisection on the common shrinkage.
        var (change, low, high) = (point - original, zeros(20, 1, dtype: ScalarType.Float64), full([20, 1], 10.0, dtype: ScalarType.Float64));
        for (var step = 0; step < 60; step++)
        {
            var middle = (low + high) / 2;
            var small = (Shrunk(middle) - original).abs().sum(dim: 1, keepdim: true) <= radius;
            (low, high) = (where(small, low, middle), where(small, middle, high));
        }

        (nearest - Shrunk(high)).abs().max().ToDouble().Should().BeLessThan(1e-9);

        Tensor Shrunk(Tensor by) => (original + change.sign() * (change.abs() - by).clamp_min(0)).clamp(0, 1);
    }

    [Fact]
    public void No_random_point_of_the_intersection_is_nearer()
    {
        using var scope = NewDisposeScope();
        var original = Numbers.Uniform([1, 5], ScalarType.Float64, seed: 3);
        var point = original + Numbers.Normal([1, 5], ScalarType.Float64, seed: 4);
        var distance = (L1Box.Nearest(point, original, 0.6, Bounds.Unit) - point).norm().ToDouble();
        using var random = new RandomSource(5);
        var tries = original + Norm.L1.RandomPoint(zeros(5000, 5, dtype: ScalarType.Float64), 0.6, random);
        var inside = tries.clamp(0, 1);   // towards the original: still within the ball
        (inside - point).norm(1, keepdim: false, p: 2f).min().ToDouble().Should().BeGreaterThanOrEqualTo(distance - 1e-9);
    }

    [Fact]
    public void A_point_inside_stays()
    {
        using var scope = NewDisposeScope();
        var original = Numbers.Uniform([4, 6], ScalarType.Float64, seed: 6);
        var point = (original + 0.01 * Numbers.Normal([4, 6], ScalarType.Float64, seed: 7)).clamp(0, 1);
        (L1Box.Nearest(point, original, 2, Bounds.Unit) - point).abs().max().ToDouble().Should().BeLessThan(1e-15);
    }
}
