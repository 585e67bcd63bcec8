using Defenses.Layers;
using Defenses.Tests.Contracts;
using static TorchSharp.torch;

namespace Defenses.Tests.Layers;

public sealed class MedianSmoothingTests : LayerContract<MedianSmoothing>
{
    protected override IReadOnlyList<long[]> Shapes => [[3, 2, 5, 5], [1, 3, 4, 6], [2, 1, 1, 1]];

    protected override MedianSmoothing Create() => new(3);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Each_pixel_is_the_middle_of_its_window(int kernel)
    {
        using var scope = NewDisposeScope();
        var x = Numbers.Uniform([1, 1, 6, 7], ScalarType.Float64);
        var y = Numbers.Of(new MedianSmoothing(kernel).call(x));
        var pixels = Numbers.Of(x);
        for (var row = 0; row < 6; row++)
            for (var column = 0; column < 7; column++)
            {
                var window = from i in Enumerable.Range(row - kernel / 2, kernel)
                             from j in Enumerable.Range(column - kernel / 2, kernel)
                             select pixels[Math.Clamp(i, 0, 5) * 7 + Math.Clamp(j, 0, 6)];
                y[row * 7 + column].Should().Be(window.Order().ElementAt(kernel * kernel / 2));
            }
    }

    [Fact]
    public void A_lonely_spike_goes_and_an_edge_stays()
    {
        using var scope = NewDisposeScope();
        var x = zeros(1, 1, 7, 7);
        x[0, 0, 1, 2] = 1;
        x.narrow(3, 4, 3).fill_(0.5);
        var y = Numbers.Of(Create().call(x));
        y.Should().OnlyContain(value => value == 0 || value == 0.5);
        y.Count(value => value == 0.5).Should().Be(21);
    }

    [Fact]
    public void The_surrogate_has_the_gradient_of_the_identity()
    {
        using var scope = NewDisposeScope();
        var layer = Create();
        layer.UseSurrogate = true;
        var x = Numbers.Uniform([2, 1, 4, 4]).requires_grad_();
        var y = layer.call(x);
        layer.UseSurrogate = false;
        Numbers.Of(y).Should().Equal(Numbers.Of(layer.call(x)));
        Numbers.Of(autograd.grad([y.sum()], [x])[0]).Should().OnlyContain(value => value == 1);
    }

    [Fact]
    public void The_window_must_have_a_side_of_2_and_the_input_be_images()
    {
        FluentActions.Invoking(() => new MedianSmoothing(1)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("kernel must be at least 2*");
        using var x = ones(3, 4);
        Create().Invoking(layer => layer.call(x)).Should().Throw<ArgumentException>().WithMessage("*(N, C, H, W)*(3, 4)*");
    }
}
