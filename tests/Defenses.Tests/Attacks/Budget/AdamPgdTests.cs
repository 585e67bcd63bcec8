using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class AdamPgdTests : AttackContract<AdamPgd>
{
    protected override double? Budget => 0.3;

    protected override AdamPgd Create() => new(0.3);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Reaches_the_largest_margin_within_the_ball_of_a_linear_model(bool signs)
    {
        using var network = new LinearModel(classes: 2);
        var (x, labels) = network.Data();
        using var images = x;
        using var classes = labels;
        using var result = new AdamPgd(0.2) { Loss = Loss.Margin, Signs = signs, Restarts = 2, Seed = 1 }.Run(network.Classifier(), x, labels);
        using var scope = NewDisposeScope();
        var weights = network.Weight.detach();
        var gained = Goal.Avoid(labels).Margin(network.call(result.Adversarial)) - Goal.Avoid(labels).Margin(network.call(x));
        var most = 0.2 * (weights.select(0, 1) - weights.select(0, 0)).abs().sum().ToDouble();
        (gained / most - 1).abs().max().ToDouble().Should().BeLessThan(1e-4);
    }

    [Fact]
    public void Bad_options_are_refused()
    {
        ((Action)(() => _ = new AdamPgd(-1))).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Epsilon*");
        ((Action)(() => _ = new AdamPgd(0.1) { LearningRate = 0 })).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*LearningRate*");
        ((Action)(() => _ = new AdamPgd(0.1) { Norm = Norm.L2 })).Should().Throw<ArgumentException>().WithMessage("*Linf*L2*Pgd*");
        ((Action)(() => _ = new AdamPgd(0.1) { Steps = 0 })).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Steps*");
    }
}
