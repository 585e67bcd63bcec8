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

public sealed class NoiseAttackCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => ModelCheck.NoiseAttack;

    protected override ModelCheckup Checkup => new(0.3);

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Network(("backwards", new Backwards()));
}
