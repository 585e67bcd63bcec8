using Defenses.Layers;
using Defenses.Tests.Contracts;
using static TorchSharp.torch;

namespace Defenses.Tests.Layers;

public sealed class QuantizedReLUTests : LayerContract<QuantizedReLU>
{
    protected override QuantizedReLU Create() => new(3, 2);

    // Straight through the rounding, as promised.
    protected override double[] ExpectedGradient(QuantizedReLU layer, Tensor x, Tensor weight) =>
        [.. Numbers.Of(x).Zip(Numbers.Of(weight), (value, factor) => value > 0 && value < layer.Max ? factor : 0)];

    [Theory]
    [InlineData(1, new double[] { 0, 0, 2, 2 })]
    [InlineData(2, new double[] { 0, 2.0 / 3, 4.0 / 3, 2 })]
    public void The_output_is_the_nearest_level_within_the_bounds(int bits, double[] levels)
    {
        using var scope = NewDisposeScope();
        using var layer = new QuantizedReLU(bits, 2);
        Numbers.Of(layer.call(tensor(new[] { -1, 0.9, 1.2, 7 }).unsqueeze(0))).Zip(levels).Should()
            .OnlyContain(pair => Math.Abs(pair.First - pair.Second) < 1e-12);
    }

    [Fact]
    public void There_are_no_more_values_than_levels()
    {
        using var scope = NewDisposeScope();
        Numbers.Of(Create().call(Numbers.Normal([40, 50], ScalarType.Float64))).Distinct().Should().HaveCountLessThanOrEqualTo(8).And.HaveCountGreaterThan(5);
    }

    [Theory]
    [InlineData(0, 1.0, "bits")]
    [InlineData(17, 1.0, "bits")]
    [InlineData(2, 0.0, "max")]
    public void Levels_that_are_none_are_refused(int bits, double max, string named) =>
        FluentActions.Invoking(() => new QuantizedReLU(bits, max)).Should().Throw<ArgumentOutOfRangeException>().WithMessage($"*{named}*");
}
