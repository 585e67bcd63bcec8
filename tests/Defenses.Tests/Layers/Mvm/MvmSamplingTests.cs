using Defenses.Layers;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Layers;

public class MvmSamplingTests : StochasticLayerContract<MvmSampling>
{
    protected override bool Unbiased => true;

    protected virtual SamplingMode Mode => SamplingMode.Bernoulli;

    protected override MvmSampling Create() => Seeded(new MvmSampling());

    // The mask is a constant.
    protected override double[] ExpectedGradient(MvmSampling layer, Tensor x, Tensor weight) =>
        [.. Numbers.Of(Apply(layer, x)).Zip(Numbers.Of(x), Numbers.Of(weight)).Select(unit => unit.First / unit.Second * unit.Third)];

    [Fact]
    public void Rows_are_kept_whole_with_their_probability_and_divided_by_it()
    {
        using var scope = NewDisposeScope();
        const int Images = 4_000;
        var image = Numbers.Normal([1, 3, 2, 2]);
        var alpha = image.square().sum(1).flatten(1).to_type(ScalarType.Float64);
        foreach (var draws in new long[] { 2, 4, 8 })
        {
            var kept = Numbers.Of(1 - (1 - MvmProbabilities.Solve(alpha, draws)).pow(draws));
            var weights = Seeded(MvmSampling.WithDraws(draws)).call(image.expand(Images, 3, 2, 2).contiguous()) / image;   // (N, C, H, W)
            for (var row = 0; row < 4; row++)
            {
                var values = weights.select(2, row / 2).select(2, row % 2);   // (N, C)
                Numbers.Of(values.amax([1L]) - values.amin([1L])).Should().OnlyContain(spread => spread < 1e-5, "all channels share one weight");
                var found = Numbers.Of(values.select(1, 0));
                found.Should().OnlyContain(weight => weight == 0 || Math.Abs(weight - 1 / kept[row]) < 1e-4);
                (found.Count(weight => weight > 0) / (double)Images).Should().BeApproximately(kept[row], 4 * Math.Sqrt(kept[row] * (1 - kept[row]) / Images));
            }
        }
    }

    [Fact]
    public void In_a_vector_each_unit_is_a_row()
    {
        using var scope = NewDisposeScope();
        var x = Numbers.Normal([1, 6]);
        var weights = Numbers.Of(Seeded(MvmSampling.WithDraws(3)).call(x.expand(1000, 6).contiguous()) / x);
        var kept = Numbers.Of(1 - (1 - MvmProbabilities.Solve(x.square().to_type(ScalarType.Float64), 3)).pow(3));
        weights.Select((weight, i) => (weight, i)).Should().OnlyContain(unit => unit.weight == 0 || Math.Abs(unit.weight - 1 / kept[unit.i % 6]) < 1e-4);
    }

    [Fact]
    public void Draws_per_row_count_the_rows_of_the_layer()
    {
        using var scope = NewDisposeScope();
        var x = Numbers.Normal([5, 3, 4, 4]);
        var (perRow, fixedCount) = (Seeded(new MvmSampling(0.5)), Seeded(MvmSampling.WithDraws(8)));
        Numbers.Of(Apply(perRow, x)).Should().Equal(Numbers.Of(Apply(fixedCount, x)));
        var single = Numbers.Normal([3, 4, 1, 1]);
        Numbers.Of(Seeded(new MvmSampling(0.1)).call(single)).Should().Equal(Numbers.Of(single), "a single row is always drawn");
    }

    [Fact]
    public void Other_probabilities_can_be_chosen()
    {
        using var scope = NewDisposeScope();
        var x = Numbers.Normal([2000, 1, 3, 1], seed: 4).abs() * 0 + tensor(new[] { 1f, 2, 5 }).view(1, 1, 3, 1);
        var layer = Seeded(MvmSampling.WithDraws(4));
        layer.Probabilities = MvmProbabilities.SquareRoot;
        var kept = new[] { 1 / 8.0, 2 / 8.0, 5 / 8.0 }.Select(p => 1 - Math.Pow(1 - p, 4)).ToArray();
        Numbers.Of(layer.call(x) / x).Select((weight, i) => (weight, i)).Should()
            .OnlyContain(unit => unit.weight == 0 || Math.Abs(unit.weight - 1 / kept[unit.i % 3]) < 1e-4);
        layer.Invoking(it => it.Probabilities = null!).Should().Throw<ArgumentNullException>();
    }

    [Fact]
    public void Positions_of_zeros_stay_zero_and_so_do_images_of_zeros()
    {
        using var scope = NewDisposeScope();
        var x = Numbers.Normal([4, 3, 4, 4]);
        x.select(2, 1).fill_(0);
        x[2].fill_(0);
        var y = Create().call(x);
        Numbers.Of(y.select(2, 1)).Concat(Numbers.Of(y[2])).Should().OnlyContain(value => value == 0);
    }

    [Fact]
    public void The_gradient_of_the_scale_is_there_on_request()
    {
        using var scope = NewDisposeScope();
        foreach (var shape in new long[][] { [2, 4], [1, 2, 2, 2] })
        {
            var layer = Create();
            layer.DifferentiateProbabilities = true;
            var x = Numbers.Normal(shape, ScalarType.Float64).requires_grad_();
            var weight = Numbers.Normal(shape, ScalarType.Float64, seed: 2);
            var gradient = Numbers.Of(autograd.grad([(Apply(layer, x) * weight).sum()], [x])[0]);
            var expected = Differences(layer, x.detach(), weight);
            for (var i = 0; i < expected.Length; i++) gradient[i].Should().BeApproximately(expected[i], 1e-5 * (1 + Math.Abs(expected[i])));
            using var zero = zeros(shape).requires_grad_();
            Numbers.Of(autograd.grad([layer.call(zero).sum()], [zero])[0]).Should().OnlyContain(value => double.IsFinite(value));
        }
    }

    [Fact]
    public void Held_probabilities_come_from_the_first_pass_which_is_unsampled()
    {
        using var scope = NewDisposeScope();
        var layer = Seeded(MvmSampling.WithDraws(3));
        var (clean, other) = (Numbers.Normal([2, 3, 2, 2]), Numbers.Normal([2, 3, 2, 2], seed: 5));
        var kept = Numbers.Of(1 - (1 - MvmProbabilities.Solve(clean.square().sum(1).flatten(1).to_type(ScalarType.Float64), 3)).pow(3));
        using (layer.HoldProbabilities())
        {
            Numbers.Of(layer.call(clean)).Should().Equal(Numbers.Of(clean));
            foreach (var batch in new[] { other, cat([other, other, other]) })
            {
                var weights = Numbers.Of((layer.call(batch) / batch).select(1, 0).flatten(1));
                weights.Select((weight, i) => (weight, i)).Should()
                    .OnlyContain(unit => unit.weight == 0 || Math.Abs(unit.weight - 1 / kept[unit.i % 8]) < 1e-4);
            }
            layer.Invoking(it => it.call(other.narrow(0, 0, 1))).Should().Throw<InvalidOperationException>().WithMessage("*2 examples*given 1*");
            layer.Invoking(it => it.HoldProbabilities()).Should().Throw<InvalidOperationException>().WithMessage("*already*");
        }
        var free = Numbers.Of(1 - (1 - MvmProbabilities.Solve(other.square().sum(1).flatten(1).to_type(ScalarType.Float64), 3)).pow(3));
        Numbers.Of((layer.call(other) / other).select(1, 0).flatten(1)).Zip(free).Should()
            .OnlyContain(unit => unit.First == 0 || Math.Abs(unit.First - 1 / unit.Second) < 1e-4, "the scope has ended");
    }

    [Fact]
    public void Holding_leaves_no_tensor_behind_and_no_state()
    {
        using var x = Numbers.Normal([2, 3, 2, 2]);
        using var layer = Create();
        Numbers.LeaveNothing(() =>
        {
            using var held = layer.HoldProbabilities();
            for (var pass = 0; pass < 3; pass++) layer.call(x).Dispose();
            layer.state_dict().Should().BeEmpty();
        });
    }

    [Fact]
    public void A_network_holds_all_its_layers_at_once()
    {
        using var scope = NewDisposeScope();
        var network = nn.Sequential(("first", Create()), ("between", nn.ReLU()), ("second", Create()));
        var x = Numbers.Normal([3, 2, 4, 4]).abs();
        using (network.HoldProbabilities())
        {
            Numbers.Of(network.call(x)).Should().Equal(Numbers.Of(x));
            Numbers.Of(network.call(x)).Should().NotEqual(Numbers.Of(x));
        }
        Numbers.Of(network.call(x)).Should().NotEqual(Numbers.Of(x));
        using (((MvmSampling)network.StochasticLayers()[1].Layer).HoldProbabilities())
            network.Invoking(it => it.HoldProbabilities()).Should().Throw<InvalidOperationException>().WithMessage("*already*");
        using (network.HoldProbabilities()) Numbers.Of(network.call(x)).Should().Equal(Numbers.Of(x), "the failed attempt held nothing");
        nn.ReLU().Invoking(it => it.HoldProbabilities()).Should().Throw<InvalidOperationException>().WithMessage("*no MvmSampling layer*");
    }

    [Fact]
    public void Draws_must_be_positive()
    {
        FluentActions.Invoking(() => new MvmSampling(0)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("drawsPerRow must be*above 0*");
        FluentActions.Invoking(() => MvmSampling.WithDraws(0)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("draws must be at least 1*");
    }

    private MvmSampling Seeded(MvmSampling layer)
    {
        layer.Mode = Mode;
        layer.Reseed(1);
        return layer;
    }
}
