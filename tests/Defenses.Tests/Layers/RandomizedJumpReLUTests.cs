using Defenses.Layers;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using static TorchSharp.torch;

namespace Defenses.Tests.Layers;

public sealed class RandomizedJumpReLUTests : StochasticLayerContract<RandomizedJumpReLU>
{
    protected override bool Unbiased => false;

    protected override RandomizedJumpReLU Create() => Seeded(new RandomizedJumpReLU(1.2, 0.2));

    protected override Tensor Expected(RandomizedJumpReLU layer, Tensor x) => x * x.gt(0.7).to_type(x.dtype);

    [Theory]
    [InlineData(ThresholdPer.Batch)]
    [InlineData(ThresholdPer.Sample)]
    public void The_thresholds_are_uniform_between_low_and_high(ThresholdPer per)
    {
        using var scope = NewDisposeScope();
        var layer = Seeded(new RandomizedJumpReLU(1, 0.5, per));
        var ramp = arange(1, 1001, dtype: ScalarType.Float64).div_(1000).expand(1000, 1000);
        var thresholds = Enumerable.Range(0, per == ThresholdPer.Batch ? 1000 : 1)
            .SelectMany(_ => Numbers.Of(layer.call(per == ThresholdPer.Batch ? ramp.narrow(0, 0, 1) : ramp).eq(0).sum(1))).Select(zeros => zeros / 1000)
                .ToArray();
        thresholds.Should().HaveCount(1000).And.OnlyContain(kappa => kappa >= 0.5 && kappa <= 1);
        thresholds.Average().Should().BeApproximately(0.75, 4 * 0.5 / Math.Sqrt(12 * 1000) + 1e-3);
        for (var tenth = 0; tenth < 10; tenth++)
            thresholds.Count(kappa => kappa >= 0.5 + 0.05 * tenth && kappa < 0.55 + 0.05 * tenth).Should().BeInRange(60, 145);
    }

    [Fact]
    public void A_batch_shares_its_threshold_per_batch()
    {
        using var scope = NewDisposeScope();
        var layer = Seeded(new RandomizedJumpReLU(1, 0, ThresholdPer.Batch));
        layer.DrawsPerSample.Should().BeFalse();
        var ramp = arange(1, 1001).to_type(ScalarType.Float32).div_(1000).expand(8, 1000);
        for (var call = 0; call < 5; call++) Numbers.Of(layer.call(ramp).eq(0).sum(1)).Distinct().Should().ContainSingle();
    }

    [Fact]
    public void The_lower_end_is_six_tenths_of_the_upper_by_default() => new RandomizedJumpReLU(0.5).Low.Should().BeApproximately(0.3, 1e-15);

    [Fact]
    public void The_surrogate_is_the_rectifier()
    {
        using var scope = NewDisposeScope();
        var layer = Create();
        layer.UseSurrogate = true;
        var x = tensor(new[] { -1.0, 0.1, 5 }).unsqueeze(0).requires_grad_();
        var y = layer.call(x);
        Numbers.Of(y).Should().Equal(0, 0, 5);
        Numbers.Of(autograd.grad([y.sum()], [x])[0]).Should().Equal(0, 1, 1);
    }

    [Theory]
    [InlineData(-1, null)]
    [InlineData(double.NaN, null)]
    [InlineData(1, 1.5)]
    [InlineData(1, -0.1)]
    public void The_range_must_start_at_0_or_above_and_end_later(double high, double? low) =>
        FluentActions.Invoking(() => new RandomizedJumpReLU(high, low)).Should().Throw<ArgumentOutOfRangeException>();

    private static RandomizedJumpReLU Seeded(RandomizedJumpReLU layer)
    {
        layer.Reseed(1);
        return layer;
    }
}
