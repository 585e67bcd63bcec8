using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class MaltTests : AttackContract<Malt>
{
    protected override double? Budget => 0.3;

    protected override Malt Create() => new(0.3) { Steps = 15 };

    // Class 1 has the largest logit beside the label, but a small slope; class 2 is behind and near; class 3 has no slope at all.
    [Fact]
    public void The_first_boundary_is_the_nearest_not_that_of_the_largest_logit()
    {
        using var scope = NewDisposeScope();
        using var network = Steep();
        var x = full([2, 4], 0.5f);
        var labels = zeros([2], dtype: ScalarType.Int64);
        using var nearest = new Malt(0.1) { Targets = 1, Steps = 20, Seed = 1 }.Run(network.Classifier(), x, labels);
        nearest.Met.all().ToBoolean().Should().BeTrue();
        Numbers.Of(network.call(nearest.Adversarial).argmax(1)).Should().OnlyContain(found => found == 2);
        using var largest = new Apgd(0.1) { Loss = Loss.Dlr, Steps = 20, Seed = 1 }
            .Run(network.Classifier(), x, Goal.Avoid(labels).Through(ones([2], dtype: ScalarType.Int64)));
        largest.Met.any().ToBoolean().Should().BeFalse("through class 1 the budget does not suffice");
    }

    [Fact]
    public void The_order_costs_a_backward_pass_for_each_class_and_the_boundary_without_a_slope_is_the_last()
    {
        using var scope = NewDisposeScope();
        using var network = Steep();
        var x = full([2, 4], 0.5f);
        var labels = zeros([2], dtype: ScalarType.Int64);
        using var one = new Malt(1e-3) { Targets = 1, Steps = 10, Seed = 1 }.Run(network.Classifier(), x, labels);
        using var three = new Malt(1e-3) { Targets = 3, Steps = 10, Seed = 1 }.Run(network.Classifier(), x, labels);
        one.QueriesPerExample[0].Backward.Should().Be(3 + 11, "three classes are ordered; ten steps and the start of one ascent");
        three.QueriesPerExample[0].Backward.Should().Be(3 + 3 * 11);
        using var two = new Malt(1e-3) { Targets = 3, OrderedClasses = 2, Steps = 10, Seed = 1 }.Run(network.Classifier(), x, labels);
        two.QueriesPerExample[0].Backward.Should().Be(2 + 2 * 11, "classes that are not ordered are not attacked");
    }

    private static LinearModel Steep()
    {
        var network = new LinearModel(inputs: 4, classes: 4);
        using var noGrad = no_grad();
        network.Weight.copy_(tensor(new float[] { 0, 0, 0, 0, 1, 0, 0, 0, 5, 5, 5, 5, 0, 0, 0, 0 }).view(4, 4));
        network.Bias.copy_(tensor(new[] { 1f, 0.2f, -10.5f, 0.6f }));
        return network;
    }
}
