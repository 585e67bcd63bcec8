using static TorchSharp.Lite.Tests.NN.Expect;
using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.NN;

[Collection(GlobalGenerator.Name)]
public sealed class InitTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(3L)]
    [InlineData(50L)]
    public void Layers_draw_weights_then_biases_uniformly_within_one_over_the_root_of_the_fan_in(long inputs)
    {
        var bound = 1 / MathF.Sqrt(inputs);
        manual_seed(5);
        using var linear = nn.Linear(inputs, 4);
        manual_seed(5);
        var weight = empty(4, inputs).uniform_(-1, 1).Values().Select(x => x * bound).ToArray();
        var bias = empty(4).uniform_(-1, 1).Values().Select(x => x * bound).ToArray();
        linear.weight.ShouldHoldWithin(1e-6f, weight);
        linear.bias!.ShouldHoldWithin(1e-6f, bias);
    }

    [Fact]
    public void Convolutions_count_the_window_as_fan_in()
    {
        manual_seed(5);
        using var convolution = nn.Conv2d(2, 3, (3, 5));
        manual_seed(5);
        var bound = 1 / MathF.Sqrt(2 * 3 * 5);
        convolution.weight.ShouldHoldWithin(1e-6f, [.. empty([3, 2, 3, 5]).uniform_(-1, 1).Values().Select(x => x * bound)]);
        nn.init.CalculateFanInAndFanOut(convolution.weight).Should().Be((30L, 45L));
    }

    [Fact]
    public void Moments_and_bounds_are_those_of_the_papers()
    {
        const int n = 200 * 300;
        var tensor = empty(200, 300);
        var glorot = Math.Sqrt(6.0 / 500);
        nn.init.xavier_uniform_(tensor).Should().BeSameAs(tensor);
        tensor.abs().max().ToDouble().Should().BeInRange(glorot * 0.999, glorot);
        double Std(Tensor t) => t.std().ToDouble();
        Std(nn.init.xavier_normal_(tensor, gain: 2)).Should().BeApproximately(2 * Math.Sqrt(2.0 / 500), 4 * 0.13 / Math.Sqrt(2.0 * n));
        Std(nn.init.kaiming_normal_(tensor)).Should().BeApproximately(Math.Sqrt(2.0 / 300), 4 * 0.082 / Math.Sqrt(2.0 * n));
        Std(nn.init.kaiming_normal_(tensor, mode: nn.init.FanInOut.FanOut, nonlinearity: nn.init.NonlinearityType.Linear))
            .Should().BeApproximately(Math.Sqrt(1.0 / 200), 4 * 0.071 / Math.Sqrt(2.0 * n));
        nn.init.kaiming_uniform_(tensor, nonlinearity: nn.init.NonlinearityType.ReLU).abs().max().ToDouble()
            .Should().BeInRange(Math.Sqrt(6.0 / 300) * 0.999, Math.Sqrt(6.0 / 300));
        nn.init.normal_(tensor, 5, 0.1).mean().ToDouble().Should().BeApproximately(5, 4 * 0.1 / Math.Sqrt(n));
        nn.init.uniform_(tensor, 2, 3).min().ToDouble().Should().BeInRange(2, 2.01);
    }

    [Fact]
    public void Constants_fill_outside_the_graph()
    {
        using var linear = nn.Linear(2, 1);
        nn.init.constant_(linear.weight, 3);
        nn.init.zeros_(linear.bias!);
        linear.weight.ShouldHold(3, 3);
        linear.bias!.ShouldHold(0);
        nn.init.ones_(linear.bias!).ShouldHold(1);
        linear.weight.is_leaf.Should().BeTrue();
    }

    [Fact]
    public void Gains_are_Pythons()
    {
        nn.init.calculate_gain(nn.init.NonlinearityType.Tanh).Should().Be(5.0 / 3);
        nn.init.calculate_gain(nn.init.NonlinearityType.ReLU).Should().Be(Math.Sqrt(2));
        nn.init.calculate_gain(nn.init.NonlinearityType.LeakyReLU, 1).Should().Be(1);
        nn.init.calculate_gain(nn.init.NonlinearityType.Sigmoid).Should().Be(1);
    }

    [Fact]
    public void A_vector_has_no_fan_in() =>
        ((Action)(() => nn.init.CalculateFanInAndFanOut(ones(3)))).Should().Throw<ArgumentException>();
}
