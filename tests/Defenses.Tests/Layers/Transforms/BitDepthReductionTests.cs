using Defenses.Layers;
using Defenses.Tests.Contracts;
using static TorchSharp.torch;

namespace Defenses.Tests.Layers;

public sealed class BitDepthReductionTests : LayerContract<BitDepthReduction>
{
    protected override BitDepthReduction Create() => new(3);

    protected override Tensor Input(long[] shape, ScalarType dtype = ScalarType.Float32) => Numbers.Uniform(shape, dtype);

    protected override double[] ExpectedGradient(BitDepthReduction layer, Tensor x, Tensor weight) => Numbers.Of(weight);

    [Theory]
    [InlineData(1, 2)]
    [InlineData(3, 8)]
    [InlineData(8, 256)]
    public void So_many_bits_have_so_many_levels_evenly_spaced(int bits, int levels)
    {
        using var scope = NewDisposeScope();
        var found = Numbers.Of(new BitDepthReduction(bits).call(linspace(0, 1, 5000, dtype: ScalarType.Float64).unsqueeze(0))).Distinct().ToArray();
        found.Should().HaveCount(levels);
        found.Select(level => level * (levels - 1)).Should().OnlyContain(step => Math.Abs(step - Math.Round(step)) < 1e-9);
    }

    [Fact]
    public void Eight_bits_leave_an_image_of_bytes_as_it_is()
    {
        using var scope = NewDisposeScope();
        var bytes = arange(0, 256, dtype: ScalarType.Float32).view(1, 1, 16, 16) / 255;
        Numbers.Of(new BitDepthReduction(8).call(bytes)).Should().Equal(Numbers.Of(bytes));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    public void Bits_must_lie_from_1_to_16(int bits) => FluentActions.Invoking(() => new BitDepthReduction(bits))
        .Should().Throw<ArgumentOutOfRangeException>().WithMessage("bits must lie in [1, 16]*");
}
