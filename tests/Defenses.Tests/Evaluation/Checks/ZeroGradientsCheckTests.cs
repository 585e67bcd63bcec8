using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Inference;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Switching;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class ZeroGradientsCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => new ZeroGradientsCheck();

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Network(("round", new Rounding(8)));

    [Fact]
    public void Confident_answers_count_for_an_attack_that_climbs_cross_entropy_only()
    {
        using var network = Digits.Before(new Louder(300));
        Find(network, Checkup).Single().Reason.Should().Contain("cross-entropy");
        Find(network, Checkup with { Attack = epsilon => new CwPgd(epsilon) { Steps = 5 } }).Should().BeEmpty();
    }

    [Fact]
    public void An_attacker_who_goes_straight_through_or_needs_no_gradient_is_let_be()
    {
        using var network = new VotingNetwork(Digits.Noisy(0.1), 5);
        Find(network, Checkup).Should().NotBeEmpty();
        Find(network, Checkup with { View = View.StraightThrough }).Should().BeEmpty();
        Find(network, Checkup with { Attack = epsilon => new Square(epsilon) }).Should().BeEmpty();
    }
}
