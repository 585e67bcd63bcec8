using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Conventions;

/// <summary>Faults of TorchSharp 0.107 that the library works around. A test that fails here says: it is mended, take the workaround out.</summary>
public sealed class TorchSharpFaultsTests
{
    // Workarounds: the bans of hardtanh in BannedSymbols.txt, clamp in Layers/BoundedReLU.cs.
    [Fact]
    public void Hardtanh_hands_its_input_back()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { -3f, 0.5f, 3f });
        Numbers.Of(nn.functional.hardtanh(x, -1, 1)).Should().Equal(-3, 0.5, 3);
        using var layer = nn.Hardtanh(-1, 1);
        Numbers.Of(layer.call(x)).Should().Equal(-3, 0.5, 3);
    }

    // Workaround: the ban of zero_ in BannedSymbols.txt; fill_(0) returns the tensor itself, as every other in-place operation does.
    [Fact]
    public void Zeroing_in_place_returns_a_second_tensor()
    {
        using var x = ones(3);
        using var zeroed = x.zero_();
        zeroed.Should().NotBeSameAs(x);
        x.fill_(0).Should().BeSameAs(x);
    }

    // Workaround: the scope in Zoo/Networks/LayerMaker.Conv. A scope around the constructor takes the tensor along and lets the weights live.
    [Fact]
    public void The_constructor_of_a_convolution_with_biases_leaves_one_tensor_behind()
    {
        var before = Leaks.Live();
        nn.Conv2d(1, 2, 3).Dispose();
        Leaks.Live().Should().Be(before + 1);
        nn.Conv2d(1, 2, 3, bias: false).Dispose();
        nn.Linear(2, 3).Dispose();
        nn.BatchNorm2d(2).Dispose();
        Leaks.Live().Should().Be(before + 1);
        using (NewDisposeScope()) nn.Conv2d(1, 2, 3).Dispose();
        Leaks.Live().Should().Be(before + 1);
    }

    // What remains to every reader: ParameterUpdates reads it within a scope.
    [Fact]
    public void Each_reading_of_a_gradient_makes_a_tensor()
    {
        using var layer = nn.Linear(2, 1);
        using (NewDisposeScope()) layer.call(ones(1, 2)).sum().backward();
        var before = Leaks.Live();
        using (var first = layer.weight!.grad)
        using (var second = layer.weight!.grad) Leaks.Live().Should().Be(before + 2);
        Leaks.Live().Should().Be(before);
    }
}
