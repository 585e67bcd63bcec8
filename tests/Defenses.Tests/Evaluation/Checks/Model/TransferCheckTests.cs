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

public sealed class TransferCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => ModelCheck.Transfer;

    protected override ModelCheckup Checkup => new(0.1) { Surrogate = Digits.Unprotected };

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Network(("round", new Rounding(32)));

    [Fact]
    public void Without_another_model_it_looks_for_nothing()
    {
        using var network = Broken();
        Find(network, Checkup with { Surrogate = null }).Should().BeEmpty();
    }
}
