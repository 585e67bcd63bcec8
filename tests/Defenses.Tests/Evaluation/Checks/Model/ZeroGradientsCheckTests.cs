using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
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
    protected override ModelCheck Subject => ModelCheck.ZeroGradients;

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
        Find(network, Checkup with { View = AttackerView.StraightThrough }).Should().BeEmpty();
        Find(network, Checkup with { Attack = epsilon => new Square(epsilon) }).Should().BeEmpty();
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(6, true)]
    public void More_than_a_tenth_of_the_images_must_be_without_a_gradient(int blind, bool fires)
    {
        using var network = Digits.Network(("blind", new FirstBlind(blind)));
        Find(network, Checkup).Any().Should().Be(fires);
    }

    // Lets no gradient through to the first images of a batch.
    private sealed class FirstBlind(int blind) : nn.Module<Tensor, Tensor>(nameof(FirstBlind))
    {
        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var sees = arange(x.shape[0]).ge(blind).to_type(x.dtype).view(-1, 1, 1, 1);
            return (x.detach() + sees * (x - x.detach())).MoveToOuterDisposeScope();
        }
    }

    [Fact]
    public void A_pixel_that_does_not_count_is_no_gradient_lost()
    {
        using var network = Digits.Network(("cut", new WithoutFirstRow()));
        Find(network, Checkup).Should().BeEmpty();
    }

    // Takes the first row of pixels away.
    private sealed class WithoutFirstRow() : nn.Module<Tensor, Tensor>(nameof(WithoutFirstRow))
    {
        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            return (x * arange(x.shape[2]).ge(1).to_type(x.dtype).view(1, 1, -1, 1)).MoveToOuterDisposeScope();
        }
    }
}
