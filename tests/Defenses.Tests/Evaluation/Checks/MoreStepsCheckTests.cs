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

public sealed class MoreStepsCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => new MoreStepsCheck();

    protected override ModelCheckup Checkup => new(0.1) { Attack = epsilon => new Pgd(epsilon) { Steps = 2, Restarts = 1, RandomStart = false, StepSize = epsilon / 8 } };

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Network();

    [Fact]
    public void One_step_is_set_against_ten()
    {
        Effort.MoreSteps(new Fgsm(0.1)).Should().BeOfType<Pgd>().Which.Steps.Should().Be(10);
        Effort.MoreSteps(new Square(0.1)).Should().BeNull();
    }
}
