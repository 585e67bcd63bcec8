using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Switching;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class LayerRunsCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => ModelCheck.LayerRuns;

    protected override nn.Module<Tensor, Tensor> Broken() => new Beside(Digits.Network(), new GaussianNoise(0.1));

    [Fact]
    public void A_hook_that_comes_runs_the_layer()
    {
        using var network = new Beside(Digits.Network(), new GaussianNoise(0.1)) { Calls = true };
        Find(network, Checkup).Should().BeEmpty();
    }

    [Fact]
    public void A_layer_without_chance_that_never_runs_is_named_with_its_place()
    {
        using var network = new Beside(Digits.Network(), new JumpReLU(0.2));
        Find(network, Checkup).Single().Reason.Should().StartWith("JumpReLU at \u0027layer\u0027");
    }

    [Fact]
    public void An_expected_layer_need_not_be_registered()
    {
        using var network = Digits.Network();
        using var layer = new GaussianNoise(0.1);
        Find(network, Checkup with { ExpectedLayers = [layer] }).Single().Reason.Should().Contain("expected layer");
        using var noisy = Digits.Network(("noise", layer));
        Find(noisy, Checkup with { ExpectedLayers = [layer] }).Should().BeEmpty();
    }

    [Fact]
    public void Layers_within_channels_that_are_drawn_now_and_then_are_waited_for()
    {
        var channels = Enumerable.Range(0, 12).Select(_ => (nn.Module<Tensor, Tensor>)nn.Sequential(("noise", new GaussianNoise(0.1)))).ToArray();
        using var network = Digits.Network(("switch", new SwitchingBlock(channels)));
        Find(network, Checkup).Should().BeEmpty();
    }

    [Fact]
    public void That_a_layer_ran_once_long_ago_does_not_count()
    {
        using var layer = new GaussianNoise(0.1);
        using (var x = zeros(1, 1, 28, 28)) layer.call(x).Dispose();
        using var network = new Beside(Digits.Network(), layer);
        Find(network, Checkup).Should().ContainSingle();
    }

    [Fact]
    public void A_layer_without_chance_that_runs_is_let_be()
    {
        using var network = Digits.Network(("jump", new JumpReLU(0.01)));
        Find(network, Checkup).Should().BeEmpty();
    }
}
