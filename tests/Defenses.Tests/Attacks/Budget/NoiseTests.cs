using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>Of hundreds of tries in half of the box some cross the boundaries of a linear model with twelve inputs.</summary>
public sealed class NoiseTests : AttackContract<Noise>
{
    protected override double? Budget => 0.5;

    protected override Noise Create() => new(0.5) { Tries = 300 };

    [Theory]
    [InlineData(NoiseKind.Gaussian, "L1")]
    [InlineData(NoiseKind.Gaussian, "L2")]
    [InlineData(NoiseKind.Gaussian, "Linf")]
    [InlineData(NoiseKind.Uniform, "L1")]
    [InlineData(NoiseKind.Uniform, "L2")]
    [InlineData(NoiseKind.Uniform, "Linf")]
    [InlineData(NoiseKind.Uniform, "L0")]
    [InlineData(NoiseKind.SaltAndPepper, "L1")]
    [InlineData(NoiseKind.SaltAndPepper, "L2")]
    [InlineData(NoiseKind.SaltAndPepper, "L0")]
    public void Keeps_its_budget_in_every_norm(NoiseKind kind, string normName)
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        var norm = Norms.ByName(normName);
        var epsilon = norm == Norm.L0 ? 3 : norm == Norm.L1 ? 1.5 : 0.9;
        using var result = new Noise(epsilon) { Norm = norm, Kind = kind, Tries = 3 }.Run(network.Classifier(), x, labels);
        result.Size.max().ToDouble().Should().BeLessThanOrEqualTo(epsilon * (1 + 1e-5));
        result.Size.max().ToDouble().Should().BeGreaterThan(0);
    }

    [Fact]
    public void Salt_and_pepper_sets_elements_to_the_bounds_and_leaves_the_rest()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        using var result = new Noise(4) { Norm = Norm.L0, Kind = NoiseKind.SaltAndPepper, Tries = 1 }.Run(network.Classifier(), x, labels);
        var changed = result.Adversarial.ne(x);
        changed.sum(1).eq(4).all().ToBoolean().Should().BeTrue();
        var extreme = result.Adversarial.eq(0).logical_or(result.Adversarial.eq(1));
        extreme.eq(changed).all().ToBoolean().Should().BeTrue();
    }
}
