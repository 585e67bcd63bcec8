using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class TransferPgdTests : AttackContract<TransferPgd>
{
    protected override double? Budget => 0.3;

    protected override TransferPgd Create() => new(0.3);

    public static TheoryData<NeighborGradient?> Estimates => [null, new VarianceTuning(), new GradientNormPenalty(), new ExpectedFlatness()];

    [Theory]
    [MemberData(nameof(Estimates))]
    public void On_a_linear_loss_every_part_ends_at_the_best_corner(NeighborGradient? neighbors)
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        foreach (var norm in new[] { Norm.Linf, Norm.L2, Norm.L1 })
        {
            var attack = new TransferPgd(0.05) { Norm = norm, Loss = Loss.Logit, Neighbors = neighbors, Nesterov = true, Seed = 1 };
            using var result = attack.Run(network.Classifier(), x, labels);
            var gradient = -network.Weight.index_select(0, labels);
            var best = (gradient * norm.SteepestDirection(gradient) * 0.05).sum(1);
            var reached = (gradient * (result.Adversarial - x)).sum(1);
            (reached / best).min().ToDouble().Should().BeGreaterThan(0.999, $"{norm}");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_momentum_is_the_published_recursion(bool nesterov)
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        var (model, point, momentum) = (network.Classifier(), x, zeros_like(x));
        for (var step = 0; step < 5; step++)
        {
            var at = nesterov ? point + momentum * (0.02 * 0.9) : point;
            var gradient = model.Gradient(at, logits => -logits.log_softmax(1).gather(1, labels.unsqueeze(1)).squeeze(1));
            momentum = momentum * 0.9 + gradient / gradient.abs().mean([1L], keepdim: true);
            point = x + ((point - x) + momentum.sign() * 0.02).clamp(-0.08, 0.08);
        }
        var attack = new TransferPgd(0.08) { Steps = 5, StepSize = 0.02, Momentum = 0.9, Nesterov = nesterov, Neighbors = null };
        using var result = attack.Run(model, x, labels);
        (result.Adversarial - point).abs().max().ToDouble().Should().BeLessThan(1e-6);
    }

    [Fact]
    public void Variance_tuning_adds_the_difference_of_the_step_before()
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        var model = network.Classifier();
        // At a radius of nearly nothing the neighbors are the image, so that their difference is nothing, too.
        using var near = new TransferPgd(0.08) { Neighbors = new VarianceTuning { Radius = 1e-6 }, Seed = 1 }.Run(model, x, labels);
        using var plain = new TransferPgd(0.08) { Neighbors = null }.Run(model, x, labels);
        (near.Adversarial - plain.Adversarial).abs().max().ToDouble().Should().BeLessThan(1e-6);
        near.Queries.Backward.Should().Be(20 * 21 * 16, "one gradient at the image and twenty around it in each of twenty steps");
        using var flat = new TransferPgd(0.08) { Neighbors = new GradientNormPenalty { Count = 3 }, Steps = 2 }.Run(model, x, labels);
        flat.Queries.Backward.Should().Be(2 * 6 * 16);
    }

    [Fact]
    public void Copies_of_transforms_multiply_the_passes_and_the_decision_is_that_of_the_model()
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        var model = network.Classifier();
        var attack = new TransferPgd(0.2) { Neighbors = new ExpectedFlatness { Count = 2 }, Steps = 3, Transforms = [new ScaleInvariance { Copies = 4 }] };
        using var result = attack.Run(model, x, labels);
        result.Queries.Backward.Should().Be(3 * 2 * 4 * 16);
        result.QueriesPerExample.Should().OnlyContain(one => one.Backward == 24);
        result.Met.equal(model.Logits(result.Adversarial).argmax(1).ne(labels)).all().ToBoolean().Should().BeTrue();
        attack.ToString().Should().Contain("Transforms = [ScaleInvariance { Copies = 4").And.Contain("Neighbors = ExpectedFlatness");
        attack.Invoking(it => it with { Transforms = [null!] }).Should().Throw<ArgumentException>().WithParameterName("Transforms");
        attack.Invoking(it => it with { Momentum = 1.1 }).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("Momentum");
        attack.Invoking(it => it with { Norm = Norm.L0 }).Should().Throw<ArgumentException>().WithParameterName("Norm");
    }

    [Fact]
    public void Transfer_has_it_by_default_and_the_former_setting_as_a_preset()
    {
        using var network = new LinearModel();
        var model = network.Classifier();
        new Transfer(model, 0.1).Attack.Should().Be(new TransferPgd(0.1));
        new TransferWithValidation(model, [model], 0.1).Attack.Should().Be(new TransferPgd(0.1));
        Presets.PlainTransfer(model, 0.1).Attack.Should().Be(new CwPgd(0.1));
        AdaptiveAttacks.For(model, surrogates: [model]).Single(attack => attack.Name == "transfer").Make(0.1).Should()
            .BeOfType<Transfer>().Which.Attack.Should().Be(new TransferPgd(0.1));
    }
}

public sealed class TransferPgdWithPartsTests : AttackContract<TransferPgd>
{
    protected override double? Budget => 0.6;

    protected override TransferPgd Create() => new(0.6)
    {
        Norm = Norm.L2, Nesterov = true, Neighbors = new VarianceTuning { Count = 3 }, Transforms = [new ScaleInvariance { Copies = 2, Base = 1.2 }],
        Restarts = 2, RandomStart = true,
    };
}

public sealed class TransferPgdPenaltyTests : AttackContract<TransferPgd>
{
    protected override double? Budget => 2.5;

    protected override TransferPgd Create() => new(2.5) { Norm = Norm.L1, Neighbors = new GradientNormPenalty { Count = 4 }, Loss = Loss.Logit };
}
