using Defenses.Layers;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using static TorchSharp.torch;

namespace Defenses.Tests.Layers;

public class StochasticActivationPruningTests : StochasticLayerContract<StochasticActivationPruning>
{
    protected override bool Unbiased => true;

    protected virtual SamplingMode Mode => SamplingMode.Bernoulli;

    protected override StochasticActivationPruning Create()
    {
        var layer = new StochasticActivationPruning { Mode = Mode };
        layer.Reseed(1);
        return layer;
    }

    // The mask is a constant.
    protected override double[] ExpectedGradient(StochasticActivationPruning layer, Tensor x, Tensor weight) =>
        [.. Numbers.Of(Apply(layer, x)).Zip(Numbers.Of(x), Numbers.Of(weight)).Select(unit => unit.Second == 0 ? 0 : unit.First / unit.Second * unit.Third)];

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.5)]
    [InlineData(2.3)]
    public void Units_are_kept_with_the_probability_of_the_definition_and_divided_by_it(double fraction)
    {
        using var scope = NewDisposeScope();
        const int Rows = 5_000;
        var layer = Create();
        layer.Fraction = fraction;
        double[] h = [0, 0.01, -0.2, 0.5, 1, -3, 4, 0, 2, 0.7];
        var draws = Math.Floor(fraction * h.Length);
        var y = layer.call(tensor(h, dtype: ScalarType.Float32).expand(Rows, h.Length).contiguous());
        for (var j = 0; j < h.Length; j++)
        {
            var kept = 1 - Math.Pow(1 - Math.Abs(h[j]) / h.Sum(Math.Abs), draws);
            var values = Numbers.Of(y.select(1, j)).Where(value => value != 0).ToArray();
            (values.Length / (double)Rows).Should().BeApproximately(kept, 4 * Math.Sqrt(kept * (1 - kept) / Rows));
            values.Should().NotContain(value => Math.Abs(value - h[j] / kept) > 1e-5 * Math.Abs(h[j] / kept));
        }
    }

    [Fact]
    public void Examples_of_zeros_stay_zero_beside_others()
    {
        using var scope = NewDisposeScope();
        var x = cat([zeros(1, 30), ones(1, 30)]).requires_grad_();
        var y = Create().call(x);
        var gradient = autograd.grad([y.sum()], [x])[0];
        Numbers.Of(y[0]).Concat(Numbers.Of(gradient[0])).Should().OnlyContain(value => value == 0);
        Numbers.Of(y[1]).Should().Contain(value => value > 0);
    }

    [Fact]
    public void A_single_activation_is_kept_as_it_is()
    {
        using var scope = NewDisposeScope();
        var x = zeros(2, 9);
        x[0, 4] = 3.5f;
        x[1, 8] = -1e-40f;
        Numbers.Of(Create().call(x)).Should().Equal(Numbers.Of(x));
    }

    [Theory]
    [InlineData(3e38f)]
    [InlineData(1e-38f)]
    public void Sums_beyond_the_range_of_the_dtype_do_no_harm(float size)
    {
        using var scope = NewDisposeScope();
        var y = Numbers.Of(Create().call(full([50, 40], size)));
        y.Should().OnlyContain(value => !double.IsNaN(value));
        (y.Average(value => double.IsInfinity(value) ? 1 : value > 0 ? 1 : 0)).Should()
            .BeApproximately(1 - Math.Pow(1 - 1 / 40.0, 40), 4 * Math.Sqrt(0.24 / 2000));
    }

    [Fact]
    public void The_gradient_of_the_scale_is_there_on_request()
    {
        using var scope = NewDisposeScope();
        var layer = Create();
        layer.DifferentiateProbabilities = true;
        var x = Numbers.Normal([3, 8], ScalarType.Float64).requires_grad_();
        var weight = Numbers.Normal([3, 8], ScalarType.Float64, seed: 2);
        var gradient = Numbers.Of(autograd.grad([(Apply(layer, x) * weight).sum()], [x])[0]);
        var expected = Differences(layer, x.detach(), weight);
        for (var i = 0; i < expected.Length; i++) gradient[i].Should().BeApproximately(expected[i], 1e-5 * (1 + Math.Abs(expected[i])));
        using var zero = zeros(2, 8).requires_grad_();
        Numbers.Of(autograd.grad([layer.call(zero).sum()], [zero])[0]).Should().OnlyContain(value => double.IsFinite(value));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.PositiveInfinity)]
    public void The_fraction_must_be_above_0(double fraction) => FluentActions.Invoking(() => new StochasticActivationPruning(fraction))
        .Should().Throw<ArgumentOutOfRangeException>().WithMessage("fraction must be*above 0*");

    [Fact]
    public void Fewer_than_one_draw_is_an_error_that_says_what_to_do()
    {
        using var x = ones(2, 5);
        new StochasticActivationPruning(0.1).Invoking(layer => layer.call(x))
            .Should().Throw<InvalidOperationException>().WithMessage("A fraction of 0.1 of 5 activations gives no draw*1/5*");
    }
}
