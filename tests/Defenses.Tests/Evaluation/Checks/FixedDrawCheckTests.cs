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

public sealed class FixedDrawCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => new FixedDrawCheck();

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Network(("noise", new GaussianNoise(0.1)), ("backwards", new Backwards()));

    [Fact]
    public void A_deterministic_model_has_no_draws_to_fix()
    {
        using var network = Digits.Network(("backwards", new Backwards()));
        Find(network, Checkup).Should().BeEmpty();
    }

    // Fresh draws have gradients, a fixed one has none; a budget without limit is spent without gradients.
    [Fact]
    public void To_know_the_draw_must_not_hinder_an_attack()
    {
        using var network = Digits.Network(("blind", new BlindWhenFixed()));
        var checkup = Checkup with { View = View.Plain, Attack = epsilon => epsilon < 1 ? new Pgd(epsilon) { Steps = 10, Restarts = 1 } : new Square(epsilon) { Candidates = 100 } };
        var found = Find(network, checkup).Single();
        found.Severity.Should().Be(Severity.Warning);
        found.Reason.Should().Contain("where it knows the draw");
    }

    private sealed class BlindWhenFixed() : StochasticLayer(nameof(BlindWhenFixed))
    {
        protected override Tensor Sample(Tensor x, RandomSource random)
        {
            using var scope = NewDisposeScope();
            return (FixedDraw is null ? x + random.Normal(x, 1e-3) : x.detach() + 0 * x).MoveToOuterDisposeScope();
        }

        protected override Tensor Deterministic(Tensor x) => x.alias();
    }
}
