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

public sealed class UnlimitedBudgetCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => new UnlimitedBudgetCheck();

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Network(("backwards", new Backwards()));

    [Fact]
    public void A_fixed_step_is_not_held_against_an_attack()
    {
        using var network = Digits.Network();
        Find(network, Checkup with { Attack = epsilon => new Pgd(epsilon) { Steps = 50, Restarts = 1, StepSize = 0.001 } }).Should().BeEmpty();
    }
}
