using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class SimBATests : AttackContract<SimBA>
{
    protected override double? Budget => 1;

    protected override SimBA Create() => new(1) { Candidates = 100 };

    protected override int LostToLargeLogits => 2;
}

public sealed class SimBAPixelsTests : AttackContract<SimBA>
{
    protected override double? Budget => 0.3;

    protected override SimBA Create() => new(0.3) { Norm = Norm.Linf, Basis = SimBABasis.Pixels, Candidates = 60 };

    [Fact]
    public void Finds_every_example_that_a_corner_of_the_ball_breaks_in_one_pass_over_the_pixels()
    {
        using var network = new LinearModel(inputs: 12, classes: 2);
        var (x, labels) = network.Data(32);
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        var w = network.Weight.detach().select(0, 1) - network.Weight.detach().select(0, 0);
        var margin = Goal.Avoid(labels).Margin(network.Classifier().Logits(x));
        var sorted = margin.sort().Values;
        var epsilon = -(sorted[15] + sorted[16]).ToDouble() / 2 / w.abs().sum().ToDouble();
        var breakable = margin + epsilon * w.abs().sum() > 0;
        using var result = new SimBA(epsilon) { Norm = Norm.Linf, Basis = SimBABasis.Pixels, Candidates = 12, Seed = 1 }.Run(network.Classifier(), x, labels);
        result.Met.eq(breakable).all().ToBoolean().Should().BeTrue();
        result.Queries.Backward.Should().Be(0);
        result.QueriesPerExample.Max(queries => queries.Forward).Should().BeLessThanOrEqualTo(2 + 24 + 1, "one query or two for each element");
    }

    [Theory]
    [InlineData(SimBABasis.Waves)]
    [InlineData(SimBABasis.Pixels)]
    public void Breaks_images_of_planes(SimBABasis basis)
    {
        using var network = nn.Sequential(("flatten", nn.Flatten()), ("linear", new LinearModel(inputs: 3 * 9 * 7, classes: 3)));
        network.eval();
        using var random = new Defenses.Randomness.RandomSource(4);
        using var scope = NewDisposeScope();
        var x = random.Uniform(zeros(10, 3, 9, 7)) * 0.5 + 0.25;
        var model = new Classifier(network, Bounds.Unit);
        var labels = model.Logits(x).argmax(1);
        using var result = new SimBA(0.6) { Basis = basis, Candidates = 400, Seed = 1 }.Run(model, x, labels);
        result.Met.to_type(ScalarType.Float32).mean().ToDouble().Should().BeGreaterThan(0.6);
        result.Size.max().ToDouble().Should().BeLessThanOrEqualTo(0.6 * (1 + 1e-5));
    }

    [Fact]
    public void Waves_are_orthonormal()
    {
        using var scope = NewDisposeScope();
        var waves = CosineWaves.Rows(arange(9, dtype: ScalarType.Int64), 9, ScalarType.Float64);
        (waves.matmul(waves.t()) - eye(9, dtype: ScalarType.Float64)).abs().max().ToDouble().Should().BeLessThan(1e-12);
    }
}
