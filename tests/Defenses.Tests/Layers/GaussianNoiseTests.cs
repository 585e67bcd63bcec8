using Defenses.Layers;
using Defenses.Tests.Contracts;
using static TorchSharp.torch;

namespace Defenses.Tests.Layers;

public sealed class GaussianNoiseTests : StochasticLayerContract<GaussianNoise>
{
    protected override bool Unbiased => true;

    protected override GaussianNoise Create()
    {
        var layer = new GaussianNoise(0.3);
        layer.Reseed(1);
        return layer;
    }

    [Fact]
    public void The_noise_has_the_given_standard_deviation()
    {
        using var scope = NewDisposeScope();
        var noise = Numbers.Of(Create().call(zeros(1000, 100)));
        const int Count = 100_000;
        noise.Average().Should().BeApproximately(0, 4 * 0.3 / Math.Sqrt(Count));
        (noise.Sum(value => value * value) / Count).Should().BeApproximately(0.09, 4 * 0.09 * Math.Sqrt(2.0 / Count));
    }

    [Fact]
    public void No_deviation_is_the_identity()
    {
        using var scope = NewDisposeScope();
        var x = Numbers.Normal([3, 4]);
        Numbers.Of(new GaussianNoise(0).call(x)).Should().Equal(Numbers.Of(x));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_deviation_must_be_a_number_from_0(double std)
    {
        FluentActions.Invoking(() => new GaussianNoise(std)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("std must be*");
        FluentActions.Invoking(() => GaussianNoise.InitThenInner(inner: std)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("inner must be*");
    }

    [Fact]
    public void The_first_layer_of_the_convention_has_another_deviation_than_the_others()
    {
        var make = GaussianNoise.InitThenInner(0.2, 0.1);
        new[] { "a", "b", "c" }.Select(path => ((GaussianNoise)make(path)).Std).Should().Equal(0.2, 0.1, 0.1);
    }
}
