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

public sealed class MoreRestartsCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => ModelCheck.MoreRestarts;

    protected override ModelCheckup Checkup => new(0.1) { Attack = epsilon => new Pgd(epsilon) { Steps = 8, Restarts = 1, StepSize = epsilon / 3 } };

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Network(("chaotic", new Chaotic()));
}
