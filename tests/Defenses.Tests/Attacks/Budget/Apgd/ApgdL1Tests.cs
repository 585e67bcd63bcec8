using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using Defenses.Tests.Reference;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class ApgdL1Tests : AttackContract<Apgd>
{
    protected override double? Budget => 1.5;

    protected override Apgd Create() => new(1.5) { Norm = Norm.L1, Steps = 30 };

    [Theory]
    [InlineData(0.4)]
    [InlineData(1.0)]
    [InlineData(3.0)]
    public void Reaches_the_optimum_of_a_linear_model_where_the_bounds_bind(double epsilon)
    {
        using var network = new LinearModel(inputs: 40, classes: 2);
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        var bounds = new Bounds(0.3, 0.7);
        using var result = new Apgd(epsilon) { Norm = Norm.L1, Seed = 1 }.Run(network.Classifier(bounds), x, labels);
        var model = network.Classifier(bounds);
        var goal = Goal.Avoid(labels);
        var gain = Numbers.Of(goal.Margin(model.Logits(result.Adversarial)) - goal.Margin(model.Logits(x)));
        var slope = Numbers.Of(network.Weight.detach().select(0, 1) - network.Weight.detach().select(0, 0));
        for (var i = 0; i < gain.Length; i++)
        {
            var signed = slope.Select(value => labels[i].ToInt64() == 0 ? value : -value);
            gain[i].Should().BeApproximately(BestGain([.. signed], Numbers.Of(x[i]), epsilon), 1e-3);
        }
    }

    [Fact]
    public void Finds_what_plain_pgd_finds_on_a_network_with_as_many_steps()
    {
        using var network = ReferenceNetwork.Load();
        using var scope = NewDisposeScope();
        var (x, labels) = ReferenceNetwork.Vendor();
        var model = new Classifier(network, Bounds.Unit);
        using var auto = new Apgd(8) { Norm = Norm.L1, Steps = 40, Seed = 1 }.Run(model, x, labels);
        using var plain = new Pgd(8) { Norm = Norm.L1, Steps = 40, Restarts = 1, Seed = 1 }.Run(model, x, labels);
        var goal = Goal.Avoid(labels);
        var (ours, theirs) = (goal.Margin(model.Logits(auto.Adversarial)), goal.Margin(model.Logits(plain.Adversarial)));
        auto.Met.sum().ToInt64().Should().BeGreaterThanOrEqualTo(plain.Met.sum().ToInt64());
        ours.mean().ToDouble().Should().BeGreaterThan(theirs.mean().ToDouble());
    }

    [Fact]
    public void Standard_autoattack_in_l1_goes_no_less_far()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        using var one = Create().Run(network.Classifier(), x, labels);
        using var all = new AutoAttackStandard(1.5) { Norm = Norm.L1, Steps = 15, Seed = 1 }.Run(network.Classifier(), x, labels);
        all.Size.max().ToDouble().Should().BeLessThanOrEqualTo(1.5 + 1e-5);
        one.Met.logical_and(all.Met.logical_not()).any().ToBoolean().Should().BeFalse();
    }

    // The elements in the order of their slopes, each to its bound, until the budget is used up.
    private static double BestGain(double[] slope, double[] x, double budget)
    {
        var gain = 0.0;
        foreach (var i in Enumerable.Range(0, slope.Length).OrderByDescending(i => Math.Abs(slope[i])))
        {
            var move = Math.Min(budget, slope[i] > 0 ? 0.7 - x[i] : x[i] - 0.3);
            gain += Math.Abs(slope[i]) * move;
            budget -= move;
        }

        return gain;
    }
}
