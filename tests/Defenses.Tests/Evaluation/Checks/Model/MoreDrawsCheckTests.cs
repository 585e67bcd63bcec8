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

public sealed class MoreDrawsCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => ModelCheck.MoreDraws;

    protected override ModelCheckup Checkup => new(0.15) { View = AttackerView.Plain, Attack = epsilon => new Pgd(epsilon) { Steps = 10, Restarts = 1 } };

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Network(("rough", new RoughGradient(8)));
}
