using Defenses.Layers;
using Defenses.Tests.Contracts;
using static TorchSharp.torch;

namespace Defenses.Tests.Layers;

public sealed class DefensiveDropoutTests : StochasticLayerContract<DefensiveDropout>
{
    protected override bool Unbiased => true;

    protected override DefensiveDropout Create()
    {
        var layer = new DefensiveDropout(0.4);
        layer.Reseed(1);
        return layer;
    }

    [Fact]
    public void A_unit_is_zero_or_divided_by_what_is_kept()
    {
        using var scope = NewDisposeScope();
        var layer = new DefensiveDropout(0.5);
        layer.Reseed(2);
        Numbers.Of(layer.call(ones(100, 10))).Should().OnlyContain(y => y == 0 || y == 2).And.Contain(0).And.Contain(2);
    }

    [Theory]
    [InlineData(true, 0.7)]
    [InlineData(false, 0.2)]
    public void Training_and_test_have_separate_rates(bool training, double rate)
    {
        using var scope = NewDisposeScope();
        var layer = new DefensiveDropout(0.2, trainingRate: 0.7);
        layer.Reseed(3);
        layer.train(training);
        var dropped = Numbers.Of(layer.call(ones(100, 1000))).Count(y => y == 0) / 1e5;
        dropped.Should().BeApproximately(rate, 4 * Math.Sqrt(rate * (1 - rate) / 1e5));
    }

    [Fact]
    public void Without_a_rate_for_training_there_is_one_rate() => new DefensiveDropout(0.3).TrainingRate.Should().Be(0.3);

    [Fact]
    public void A_rate_of_0_is_the_identity()
    {
        using var scope = NewDisposeScope();
        var x = Numbers.Normal([3, 4]);
        Numbers.Of(new DefensiveDropout(0).call(x)).Should().Equal(Numbers.Of(x));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_rate_must_lie_from_0_to_below_1(double rate)
    {
        FluentActions.Invoking(() => new DefensiveDropout(rate)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("rate must lie in [0, 1)*");
        FluentActions.Invoking(() => new DefensiveDropout(0, rate)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("trainingRate must lie in*");
    }
}
