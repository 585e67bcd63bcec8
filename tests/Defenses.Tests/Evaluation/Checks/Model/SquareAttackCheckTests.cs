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

public sealed class SquareAttackCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => ModelCheck.SquareAttack;

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Network(("round", new Rounding(32)));
}
