using Defenses.Layers;
using Defenses.Tests.Contracts;
using static TorchSharp.torch;

namespace Defenses.Tests.Layers;

public sealed class KWinnersTakeAllTests : LayerContract<KWinnersTakeAll>
{
    protected override KWinnersTakeAll Create() => new(0.3);

    [Theory]
    [InlineData(0.2, new double[] { 0, 0, 0, 0, 5 })]
    [InlineData(0.4, new double[] { 0, 0, 3, 0, 5 })]
    [InlineData(0.41, new double[] { 0, 2, 3, 0, 5 })]
    [InlineData(1, new double[] { -1, 2, 3, -4, 5 })]
    public void The_largest_stay_and_the_others_go(double share, double[] kept)
    {
        using var scope = NewDisposeScope();
        var x = tensor(new double[] { -1, 2, 3, -4, 5 }).unsqueeze(0).requires_grad_();
        using var layer = new KWinnersTakeAll(share);
        var y = layer.call(x);
        Numbers.Of(y).Should().Equal(kept);
        Numbers.Of(autograd.grad([y.sum()], [x])[0]).Should().Equal(kept.Select(value => value == 0 ? 0.0 : 1));
    }

    [Fact]
    public void Each_example_has_its_own_winners_over_all_channels()
    {
        using var scope = NewDisposeScope();
        using var layer = new KWinnersTakeAll(0.25);
        var x = Numbers.Normal([3, 2, 4, 4]);
        var y = layer.call(x);
        Numbers.Of(y.ne(0).to_type(ScalarType.Float64).flatten(1).sum(1)).Should().Equal(8, 8, 8);
        Numbers.Of(layer.call(x[1].unsqueeze(0))).Should().Equal(Numbers.Of(y[1]), "an example does not depend on its batch");
    }

    [Fact]
    public void Of_equal_activations_no_more_than_the_share_stay()
    {
        using var scope = NewDisposeScope();
        using var layer = new KWinnersTakeAll(0.5);
        Numbers.Of(layer.call(ones(2, 10)).sum(1)).Should().Equal(5, 5);
    }

    // t = 3 is the smallest winner of two, s = (4 + 1 + 0 + 7 + 2)/5.
    [Fact]
    public void The_surrogate_has_the_same_values_and_the_slope_of_soft_winners()
    {
        using var scope = NewDisposeScope();
        using var layer = new KWinnersTakeAll(0.4) { UseSurrogate = true };
        double[] numbers = [-1, 2, 3, -4, 5];
        var x = tensor(numbers).unsqueeze(0).requires_grad_();
        var y = layer.call(x);
        Numbers.Of(y).Should().Equal(0, 0, 3, 0, 5);
        var slope = Numbers.Of(autograd.grad([y.sum()], [x])[0]);
        for (var i = 0; i < numbers.Length; i++)
        {
            var soft = 1 / (1 + Math.Exp(-(numbers[i] - 3) / 2.8));
            slope[i].Should().BeApproximately(soft + numbers[i] * soft * (1 - soft) / 2.8, 1e-9);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void A_share_that_is_none_is_refused(double share) =>
        FluentActions.Invoking(() => new KWinnersTakeAll(share)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*share*");
}
