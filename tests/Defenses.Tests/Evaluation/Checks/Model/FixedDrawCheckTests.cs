using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Randomness;
using Defenses.Switching;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class FixedDrawCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => ModelCheck.FixedDraw;

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
        Func<double, Attack> attack = epsilon => epsilon < 1 ? new Pgd(epsilon) { Steps = 10, Restarts = 1 } : new Square(epsilon) { Candidates = 100 };
        var checkup = Checkup with { View = AttackerView.Plain, Attack = attack };
        var found = Find(network, checkup).Single();
        found.Severity.Should().Be(Severity.Warning);
        found.Reason.Should().Contain("where it knows the draw");
    }

    // Twenty images, of which the attack takes some: freely, where it knows the draw, and where it does not.
    [Theory]
    [InlineData(18, 20, 20, 0, "fools 18 of 20.")]
    [InlineData(19, 20, 20, 0, null)]   // 95 %
    [InlineData(20, 20, 20, 0, null)]
    [InlineData(20, 0, 6, 0, "fools 0 of 20 images where it knows the draw, and 6 where it does not.")]   // coins: ½⁶ = 1.6 %
    [InlineData(20, 0, 5, 0, null)]     // ½⁵ = 3.1 %
    [InlineData(20, 6, 0, 0, null)]
    [InlineData(20, 6, 12, 0, "fools 6 of 20 images where it knows the draw, and 12 where it does not.")]
    [InlineData(20, 6, 12, 12, null)]   // 12 against 6 others
    public void What_knowing_the_draw_costs_is_counted_image_by_image(int free, int known, int fresh, int firstKnown, string? reason)
    {
        using var network = nn.Sequential(("jitter", new Jitter(1e-6)), ("threshold", new Threshold()));
        network.eval();
        var (x, labels) = Threshold.Data([.. Enumerable.Repeat(0.45, 20)]);
        using var images = x;
        using var classes = labels;
        var checkup = new ModelCheckup(0.1) { View = AttackerView.Plain, Attack = epsilon => new Lift(epsilon, free, known, fresh, firstKnown) };
        var subject = new CheckContext(checkup, Digits.Classifier(network), x, labels, [.. Enumerable.Range(0, 20)], 1, CancellationToken.None);
        var found = Subject.Probe(subject).SingleOrDefault();
        (found?.Reason.EndsWith(reason ?? "", StringComparison.Ordinal) ?? false).Should().Be(reason is not null);
        (found?.Severity).Should().Be(reason is null ? null : free < 19 ? Severity.Invalid : Severity.Warning);
    }

    [Fact]
    public void What_leaves_its_budget_has_not_broken_the_known_draw()
    {
        using var network = Digits.Noisy(0.01);
        var found = Find(network, Checkup with { View = AttackerView.Plain, Attack = epsilon => new Careless(epsilon) }).Single();
        found.Severity.Should().Be(Severity.Warning);
        found.Reason.Should().Contain("fools 0 of ");
    }

    [Fact]
    public void A_step_too_short_for_an_unlimited_budget_is_no_fault_of_the_model()
    {
        using var network = Digits.Noisy(0.01);
        var checkup = Checkup with { Attack = epsilon => new Pgd(epsilon) { Steps = 20, StepSize = 1e-3, Restarts = 1, RandomStart = false } };
        Find(network, checkup).Should().BeEmpty();
    }

    // Moves some of the images to the other side and no further than ε: the first so many, or those from a number on.
    private sealed record Lift(double Epsilon, int Free, int Known, int Fresh, int FirstKnown) : Attack
    {
        public override Norm Norm { get; init; } = Norm.Linf;

        public override Knowledge Knowledge => Knowledge.Gradient;

        protected internal override Tensor Perturb(AttackRun run)
        {
            using var scope = NewDisposeScope();
            var (first, count) = Epsilon >= 1 ? (0, Free) : run.Model.IsRandom ? (0, Fresh) : (FirstKnown, Known);
            var adversarial = run.Original.clone();
            adversarial.narrow(0, first, count).add_(Math.Min(Epsilon, 0.3));
            return adversarial.MoveToOuterDisposeScope();
        }
    }

    // Goes three times too far where it knows the draw.
    private sealed record Careless(double Epsilon) : Attack
    {
        public override Norm Norm { get; init; } = Norm.Linf;

        public override Knowledge Knowledge => Knowledge.Gradient;

        protected internal override Tensor Perturb(AttackRun run) =>
            new Pgd(run.Model.IsRandom || Epsilon >= 1 ? Epsilon : 3 * Epsilon) { Steps = 10, Restarts = 1 }.Perturb(run);
    }

    private sealed class BlindWhenFixed() : StochasticLayer(nameof(BlindWhenFixed))
    {
        protected override Tensor Sample(Tensor x, RandomSource random)
        {
            using var scope = NewDisposeScope();
            return (FixedDraw is not 0 ? x + random.Normal(x, 1e-3) : x.detach() + 0 * x).MoveToOuterDisposeScope();
        }

        protected override Tensor Deterministic(Tensor x) => x.alias();
    }
}
