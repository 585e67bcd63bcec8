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

public sealed class UnlimitedBudgetCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => ModelCheck.UnlimitedBudget;

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Network(("backwards", new Backwards()));

    [Fact]
    public void A_fixed_step_is_not_held_against_an_attack()
    {
        using var network = Digits.Network();
        Find(network, Checkup with { Attack = epsilon => new Pgd(epsilon) { Steps = 50, Restarts = 1, StepSize = 0.001 } }).Should().BeEmpty();
    }

    // From black to white: one in each element.
    [Theory]
    [InlineData("Linf", 1)]
    [InlineData("L2", 28)]
    [InlineData("L1", 784)]
    [InlineData("L0", 784)]
    public void Everything_is_the_longest_way_within_the_bounds(string norm, double size)
    {
        using var scope = NewDisposeScope();
        using var network = Digits.Network();
        var (x, labels) = Digits.Images(2).Read(0, 2);
        var checkup = new ModelCheckup(0.1) { Norm = new[] { Norm.Linf, Norm.L2, Norm.L1, Norm.L0 }.Single(each => each.ToString() == norm) };
        new CheckContext(checkup, Digits.Classifier(network), x, labels, [0, 1], 1, CancellationToken.None).LargestChange.Should().BeApproximately(size, 1e-9);
    }
}
