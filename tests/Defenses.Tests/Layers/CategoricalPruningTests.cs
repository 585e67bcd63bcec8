using Defenses.Layers;
using Defenses.Tests.Contracts;
using static TorchSharp.torch;

namespace Defenses.Tests.Layers;

/// <summary>The same laws for draws with replacement.</summary>
public sealed class CategoricalPruningTests : StochasticActivationPruningTests
{
    protected override SamplingMode Mode => SamplingMode.Categorical;

    [Fact]
    public void No_more_units_are_kept_than_draws_are_made()
    {
        using var scope = NewDisposeScope();
        var layer = Create();
        layer.Fraction = 0.25;
        var kept = Numbers.Of(layer.call(ones(500, 40)).gt(0).sum(1));
        kept.Should().OnlyContain(count => count >= 1 && count <= 10);
        kept.Average().Should().BeApproximately(40 * (1 - Math.Pow(1 - 1 / 40.0, 10)), 4 * 1 / Math.Sqrt(500));
    }
}
