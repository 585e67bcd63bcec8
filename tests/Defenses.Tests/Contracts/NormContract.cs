using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Contracts;

/// <summary>The properties of every norm. Derive once for each.</summary>
public abstract class NormContract
{
    /// <summary>The norm, of images (N, 2, 3).</summary>
    protected abstract Norm Norm { get; }

    /// <summary>A radius such that some of the contract's perturbations (about 0.3 per element) lie inside and some outside.</summary>
    protected abstract double Radius { get; }

    /// <summary>Whether twice the perturbation has twice the size.</summary>
    protected virtual bool IsHomogeneous => true;

    [Fact]
    public void Sizes_are_numbers_of_examples() => Each(x =>
    {
        Norm.Size(x).shape.Should().Equal(x.shape[0]);
        Numbers.Of(Norm.Size(x)).Should().OnlyContain(size => size > 0 && double.IsFinite(size));
        Numbers.Of(Norm.Size(zeros_like(x))).Should().OnlyContain(size => size == 0);
        if (IsHomogeneous) Close(Norm.Size(x * 2), Norm.Size(x) * 2, 1e-5);
        for (var row = 0; row < x.shape[0]; row++) Close(Norm.Size(x.narrow(0, row, 1)), Norm.Size(x).narrow(0, row, 1), 1e-6);
    });

    [Fact]
    public void A_projection_lies_within_the_radius_and_leaves_what_lies_there() => Each(x =>
    {
        var projected = Norm.Project(x, Radius);
        projected.shape.Should().Equal(x.shape);
        Numbers.Of(Norm.Size(projected)).Should().OnlyContain(size => size <= Radius * (1 + 1e-5));
        Close(Norm.Project(projected, Radius), projected, 1e-5);
        Close(Norm.Project(x * 1e-3, Radius), x * 1e-3, 1e-6, when: Numbers.Of(Norm.Size(x * 1e-3)).All(size => size <= Radius));
        Numbers.Of(Norm.Project(x, 0)).Should().OnlyContain(change => change == 0);
    });

    [Fact]
    public void A_projection_is_the_nearest_point_in_L2() => Each(x =>
    {
        using var random = new RandomSource(3);
        var distance = Norm.L2.Size(x - Norm.Project(x, Radius));
        for (var time = 0; time < 50; time++)
        {
            var other = Norm.RandomPoint(x, Radius, random);
            Numbers.Of(Norm.L2.Size(x - other) - distance).Should().OnlyContain(farther => farther >= -1e-5);
        }
    });

    [Fact]
    public void The_steepest_direction_has_size_one_and_rises_fastest() => Each(x =>
    {
        using var random = new RandomSource(4);
        var direction = Norm.SteepestDirection(x);
        Numbers.Of(Norm.Size(direction)).Should().OnlyContain(size => Math.Abs(size - 1) < 1e-4);
        var gain = (direction * x).flatten(1).sum(1);
        if (IsHomogeneous)
            for (var time = 0; time < 50; time++)
                Numbers.Of(gain - (Norm.RandomPoint(x, 1, random) * x).flatten(1).sum(1)).Should().OnlyContain(more => more >= -1e-5);
        Numbers.Of(Norm.SteepestDirection(zeros_like(x))).Should().OnlyContain(change => change == 0);
    });

    [Fact]
    public void A_random_point_lies_within_the_radius_and_comes_again_from_the_seed() => Each(x =>
    {
        using var random = new RandomSource(5);
        using var again = new RandomSource(5);
        var point = Norm.RandomPoint(x, Radius, random);
        point.shape.Should().Equal(x.shape);
        Numbers.Of(Norm.Size(point)).Should().OnlyContain(size => size <= Radius * (1 + 1e-5));
        Numbers.Of(Norm.RandomPoint(x, Radius, again)).Should().Equal(Numbers.Of(point));
        Numbers.Of(Norm.RandomPoint(x, Radius, random)).Should().NotEqual(Numbers.Of(point));
    });

    [Fact]
    public void A_step_goes_uphill_and_no_farther_than_its_size() => Each(x =>
    {
        var from = x * 0 + 0.5;
        var to = Norm.Ascend(from, x, Radius / 4, Bounds.Unit);
        Numbers.Of(Norm.Size(to - from)).Should().OnlyContain(size => !IsHomogeneous || size <= Radius / 4 * (1 + 1e-4));
        Numbers.Of(((to - from) * x).flatten(1).sum(1)).Should().OnlyContain(gain => gain > 0);
    });

    [Fact]
    public void Impossible_radii_are_refused() => Each(x =>
    {
        using var random = new RandomSource(1);
        foreach (var radius in new[] { -1, double.NaN, double.PositiveInfinity })
        {
            FluentActions.Invoking(() => Norm.Project(x, radius)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("radius");
            FluentActions.Invoking(() => Norm.RandomPoint(x, radius, random)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("radius");
        }
    });

    [Fact]
    public void It_leaves_no_tensor_behind()
    {
        using var x = Numbers.Normal([4, 2, 3]);
        using var random = new RandomSource(1);
        Leaks.None(() =>
        {
            Norm.Size(x).Dispose();
            Norm.Project(x, Radius).Dispose();
            Norm.SteepestDirection(x).Dispose();
            Norm.RandomPoint(x, Radius, random).Dispose();
            Norm.Ascend(x, x, Radius, Bounds.Unit).Dispose();
        });
    }

    [Fact]
    public void It_prints_its_name() => Norm.ToString().Should().NotContain("Defenses.");

    private static void Close(Tensor actual, Tensor expected, double tolerance, bool when = true)
    {
        if (!when) return;
        var (found, wanted) = (Numbers.Of(actual), Numbers.Of(expected));
        for (var i = 0; i < found.Length; i++) found[i].Should().BeApproximately(wanted[i], tolerance);
    }

    private static void Each(Action<Tensor> check)
    {
        using var scope = NewDisposeScope();
        check(Numbers.Normal([4, 2, 3]) * 0.3);
    }
}
