using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Zoo;

public sealed class WideResNetTests
{
    // Zagoruyko and Komodakis' WRN-28-10 without convolution biases: 36.5 million in their Table 4.
    [Fact]
    public void WRN_28_10_has_as_many_parameters_as_its_paper_says()
    {
        using var network = Networks.WideResNet28x10(1);
        network.parameters().Sum(p => p.numel()).Should().Be(36_479_194);
    }

    [Theory]
    [InlineData(3, 32)]
    [InlineData(1, 28)]
    public void Colour_and_grey_images_of_their_sizes_give_ten_logits(long channels, long side)
    {
        using var scope = NewDisposeScope();
        using var network = WideResNets.RandomSpiking(1, 10, 2, channels, 0.1);
        network.train();
        var images = zeros([3, channels, side, side]);
        images.narrow(0, 1, 1).fill_(1);
        network.call(images).shape.Should().Equal(3, 10);
    }

    [Fact]
    public void A_block_without_change_of_shape_adds_its_body_to_its_input()
    {
        using var scope = NewDisposeScope();
        using var network = WideResNets.JumpReLU(1, 10, 1, 0);
        network.eval();
        using (no_grad())
            foreach (var (key, weights) in network.state_dict())
                if (key.Contains("group", StringComparison.Ordinal) && key.Contains("conv2", StringComparison.Ordinal)) weights.fill_(0);
        // With every body silent, the first group (16 → 16 channels, no shortcut layer) passes its input through unchanged.
        var children = network.named_children().ToDictionary(child => child.name, child => (nn.Module<Tensor, Tensor>)child.module);
        var maps = children["conv1"].call(ones([1, 3, 32, 32]));
        children["group1"].call(maps).eq(maps).all().ToBoolean().Should().BeTrue();
        children["group2"].call(maps).shape.Should().Equal(1, 32, 16, 16);
    }

    [Fact]
    public void Batch_norm_factors_and_momentum_are_those_of_the_Random_Spiking_code()
    {
        using var scope = NewDisposeScope();
        using var network = WideResNets.RandomSpiking(1, 10, 2, 3, 0.1);
        var factors = network.state_dict()["group3.0.body.bn2.weight"];
        factors.abs().max().ToDouble().Should().BeInRange(0.04, 0.05);
        // Keras' momentum 0.1 keeps a tenth of the old value: after one batch of ones the mean has moved by nine tenths of the way.
        network.train();
        var norm = (nn.Module<Tensor, Tensor>)network.named_children().Single(child => child.name == "bn1").module;
        norm.call(ones([2, 16, 4, 4]));
        network.state_dict()["bn1.running_mean"].sub(0.9).abs().max().ToDouble().Should().BeLessThan(1e-6);
    }
}
