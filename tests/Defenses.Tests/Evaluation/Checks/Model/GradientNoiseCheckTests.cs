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

public sealed class GradientNoiseCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => ModelCheck.GradientNoise;

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Network(("rough", new RoughGradient(30)));

    [Fact]
    public void More_draws_make_up_for_more_noise()
    {
        using var network = Digits.Network(("rough", new RoughGradient(6)));
        Find(network, Checkup with { View = AttackerView.Eot(1) }).Should().ContainSingle().Which.Action.Should().Contain("Average over about");
        Find(network, Checkup with { View = AttackerView.Eot(60) }).Should().BeEmpty();
        Find(network, Checkup with { View = AttackerView.WithoutRandomness }).Should().BeEmpty("there is no noise to average");
    }

    // g·(1 + 6n): the noise of a single draw has 36 times the power of the gradient, so that 36 draws make them even.
    [Fact]
    public void The_draws_that_it_asks_for_make_signal_and_noise_even()
    {
        using var network = Digits.Network(("rough", new RoughGradient(6)));
        var action = Find(network, Checkup with { View = AttackerView.Eot(2) }).Single().Action;
        int.Parse(action.Split(' ')[3], System.Globalization.CultureInfo.InvariantCulture).Should().BeInRange(28, 46);
    }

    [Fact]
    public void Eight_draws_of_36_are_a_signal_and_an_attack_without_gradients_needs_none()
    {
        using var network = Digits.Network(("rough", new RoughGradient(6)));
        Find(network, Checkup with { View = AttackerView.Eot(8) }).Should().BeEmpty("its power is more than a tenth of that of the noise");
        Find(network, Checkup with { View = AttackerView.Plain, Attack = epsilon => new Square(epsilon) }).Should().BeEmpty();
    }
}
