using Defenses.Tests.Contracts;
using Defenses.Zoo;
using static TorchSharp.torch;

namespace Defenses.Tests.Zoo;

public sealed class AutoEncodersTests
{
    // Filters of 3×3 with a bias: 1→3, 3→3 (three times, or once), 3→1.
    [Fact]
    public void They_have_the_parameters_of_the_paper_and_give_images_back()
    {
        using var scope = NewDisposeScope();
        using var deep = AutoEncoders.MagNetDeep(1);
        using var shallow = AutoEncoders.MagNetShallow(1, channels: 3);
        deep.parameters().Sum(weight => weight.numel()).Should().Be(30 + 3 * 84 + 28);
        shallow.parameters().Sum(weight => weight.numel()).Should().Be(3 * 84);
        var grey = deep.call(Numbers.Uniform([2, 1, 28, 28]));
        grey.shape.Should().Equal(2, 1, 28, 28);
        shallow.call(Numbers.Uniform([2, 3, 31, 32])).shape.Should().Equal(2, 3, 31, 32);
        Numbers.Of(grey).Should().OnlyContain(value => value > 0 && value < 1);
    }

    [Fact]
    public void A_seed_decides_the_weights()
    {
        using var scope = NewDisposeScope();
        var x = Numbers.Uniform([1, 1, 8, 8]);
        double[] Of(ulong seed)
        {
            using var network = AutoEncoders.MagNetDeep(seed);
            return Numbers.Of(network.call(x));
        }
        Of(3).Should().Equal(Of(3)).And.NotEqual(Of(4));
        FluentActions.Invoking(() => AutoEncoders.MagNetShallow(1, 0)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("channels");
    }
}
