using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Switching;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class FixedDrawCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => new FixedDrawCheck();

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Network(("noise", new GaussianNoise(0.1)), ("backwards", new Backwards()));

    [Fact]
    public void A_deterministic_model_has_no_draws_to_fix()
    {
        using var network = Digits.Network(("backwards", new Backwards()));
        Find(network, Checkup).Should().BeEmpty();
    }
}
