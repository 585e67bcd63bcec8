using Defenses.Layers;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using static TorchSharp.torch;

namespace Defenses.Tests.Layers;

public sealed class RandomSpikingTests : StochasticLayerContract<RandomSpiking>
{
    protected override bool Unbiased => false;

    protected override IReadOnlyList<long[]> Shapes => [[4, 6], [3, 2, 5, 5], [1, 3, 4, 4], [1, 2], [2, 3, 7]];

    protected override RandomSpiking Create() => Seeded(0.6);

    protected override RandomSpiking CreatePerSample()
    {
        var layer = Create();
        layer.Range = NoiseRange.Sample;
        return layer;
    }

    protected override double[] ExpectedGradient(RandomSpiking layer, Tensor x, Tensor weight) =>
        [.. Numbers.Of(Apply(layer, x)).Zip(Numbers.Of(x), Numbers.Of(weight)).Select(unit => unit.First == unit.Second ? unit.Third : 0)];

    [Fact]
    public void Units_are_kept_with_the_probability_and_replaced_by_uniform_noise_between_the_extremes()
    {
        using var scope = NewDisposeScope();
        const int Count = 100_000;
        var x = arange(0, Count, dtype: ScalarType.Float64).remainder(2).view(1, Count) * 6 - 2;   // −2 and 4
        var y = Numbers.Of(Seeded(0.8).call(x));
        var replaced = y.Where(value => value is not (-2 or 4)).ToArray();
        (replaced.Length / (double)Count).Should().BeApproximately(0.2, 4 * Math.Sqrt(0.16 / Count));
        replaced.Should().OnlyContain(value => value > -2 && value < 4);
        replaced.Average().Should().BeApproximately(1, 4 * 6 / Math.Sqrt(12 * replaced.Length));
        replaced.Average(value => (value - 1) * (value - 1)).Should().BeApproximately(3, 4 * Math.Sqrt(36.0 * 36 / 180 / replaced.Length));
    }

    [Fact]
    public void Which_units_are_replaced_says_nothing_about_the_noise()
    {
        using var scope = NewDisposeScope();
        var y = Numbers.Of(Seeded(0.5).call(arange(0, 100_000, dtype: ScalarType.Float64).remainder(2).view(1, -1)));
        var neighbours = Enumerable.Range(1, y.Length - 2).Where(i => y[i] is not (0 or 1)).ToArray();
        var afterReplaced = neighbours.Where(i => y[i - 1] is not (0 or 1)).Average(i => y[i]);
        var afterKept = neighbours.Where(i => y[i - 1] is 0 or 1).Average(i => y[i]);
        (afterReplaced - afterKept).Should().BeApproximately(0, 4 * Math.Sqrt(2.0 / 12 / 25_000));
    }

    [Theory]
    [InlineData(NoiseRange.Batch, true, 100)]
    [InlineData(NoiseRange.Sample, true, 1)]
    [InlineData(NoiseRange.Batch, false, 100)]
    [InlineData(null, true, 100)]
    [InlineData(null, false, 1)]
    public void The_range_is_that_of_the_batch_or_of_the_example(NoiseRange? range, bool training, double largest)
    {
        using var scope = NewDisposeScope();
        var layer = Seeded(0.2);
        layer.Range = range;
        layer.train(training);
        var x = cat([ones(1, 5000), zeros(1, 5000), ones(1, 5000) * 100]);
        x[0, 0] = 0;
        Numbers.Of(layer.call(x)[0]).Max().Should().BeInRange(0.98 * largest, largest);
        layer.DrawsPerSample.Should().Be(largest == 1);
    }

    [Fact]
    public void A_replayed_draw_takes_the_range_of_the_example()
    {
        using var scope = NewDisposeScope();
        var layer = Seeded(0.2);
        layer.Range = NoiseRange.Batch;
        using var draw = layer.FixDraw(1);
        Numbers.Of(layer.call(cat([Numbers.Uniform([1, 5000]), ones(1, 5000) * 100]))[0]).Max().Should().BeLessThan(1);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(0, false)]
    public void The_ends_of_the_probability_keep_all_and_nothing(double keep, bool same)
    {
        using var scope = NewDisposeScope();
        var x = Numbers.Normal([2, 50]);
        var kept = Numbers.Of(Seeded(keep).call(x)).Zip(Numbers.Of(x)).Count(pair => pair.First == pair.Second);
        kept.Should().Be(same ? 100 : 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(97)]   // beyond the last whole vector
    public void A_single_nan_makes_all_spikes_of_its_example_nan_and_no_others(int place)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var x = Numbers.Normal([2, 100]).to_type(ScalarType.Float32);
        x[0, place] = double.NaN;
        var layer = Seeded(0.5);
        layer.Range = NoiseRange.Sample;
        var y = Numbers.Of(layer.call(x));
        y.Take(100).Count(double.IsNaN).Should().BeInRange(30, 70);
        y.Skip(100).Should().NotContain(value => double.IsNaN(value));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void The_probability_must_be_one(double keep) =>
        FluentActions.Invoking(() => new RandomSpiking(keep)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("keepProbability must lie in [0, 1]*");

    [Fact]
    public void A_tensor_without_batch_is_refused() =>
        FluentActions.Invoking(() => Create().call(ones(3))).Should().Throw<ArgumentException>().WithMessage("*at least two dimensions*(3)*");

    private static RandomSpiking Seeded(double keep)
    {
        var layer = new RandomSpiking(keep);
        layer.Reseed(1);
        return layer;
    }
}
