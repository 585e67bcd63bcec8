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

public sealed class HiddenRandomnessCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => ModelCheck.HiddenRandomness;

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Network(("drift", new Drift()));

    [Fact]
    public void Draws_of_stochastic_layers_are_no_secret()
    {
        using var network = Digits.Network(("noise", new GaussianNoise(1)), ("dropout", new DefensiveDropout(0.5)));
        Find(network, Checkup).Should().BeEmpty();
    }
}
