using Defenses.Randomness;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Outside;

/// <summary>A layer: sets each element to 0 or 1, both equally likely, with a given probability.</summary>
/// <remarks>Shape: (N, …) → (N, …). The base class decides when the layer draws; this class decides what it draws.</remarks>
public sealed class SaltAndPepper(double rate) : StochasticLayer(nameof(SaltAndPepper))
{
    protected override Tensor Sample(Tensor x, RandomSource random)
    {
        if (x.numel() == 0) return x.alias();
        using var scope = NewDisposeScope();
        var (spoilt, value) = (random.Bernoulli(rate, x), random.Bernoulli(0.5, x));
        return (x * (1 - spoilt) + value * spoilt).MoveToOuterDisposeScope();
    }

    protected override Tensor Deterministic(Tensor x) => x.alias();
}

public sealed class SaltAndPepperTests : StochasticLayerContract<SaltAndPepper>
{
    protected override bool Unbiased => false;

    protected override SaltAndPepper Create()
    {
        var layer = new SaltAndPepper(0.2);
        layer.Reseed(1);
        return layer;
    }

    [Fact]
    public void The_given_share_is_spoilt_half_of_it_with_salt()
    {
        using var layer = Create();
        using var x = full([100, 100], 0.5);
        using var y = layer.call(x);
        var values = Numbers.Of(y);
        values.Should().OnlyContain(value => value == 0 || value == 0.5 || value == 1);
        values.Count(value => value != 0.5).Should().BeInRange(1840, 2160);   // 10,000·0.2, four standard errors
        values.Count(value => value == 1).Should().BeInRange(880, 1120);
    }
}
