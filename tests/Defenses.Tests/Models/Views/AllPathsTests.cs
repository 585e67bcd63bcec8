using Defenses.Attacks;
using Defenses.Models;
using Defenses.Switching;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Models;

/// <summary>All paths at once are the paths one by one, and their mean is what sampling converges to.</summary>
public sealed class AllPathsTests
{
    [Fact]
    public void Logits_losses_and_gradients_are_the_exact_means_over_all_paths()
    {
        using var network = Switching();
        using var x = full([3, 12], 0.5);
        using var scope = NewDisposeScope();
        var all = new AllPaths(network, Bounds.Unit);
        var look = all.Differentiate(x, Curved);
        var (gradients, losses, probabilities) = (new List<Tensor>(), new List<Tensor>(), new List<Tensor>());
        foreach (var path in network.Paths)
        {
            using var fixedPath = network.FixPath(path);
            var one = new Classifier(network, Bounds.Unit).Differentiate(x, Curved);
            gradients.Add(one.Gradient);
            losses.Add(one.Loss);
            probabilities.Add(one.Logits.softmax(-1));
        }
        all.Paths.Should().Be(6);
        (look.Gradient - stack(gradients).mean([0])).abs().max().ToDouble().Should().BeLessThan(1e-5);
        (look.Loss - stack(losses).mean([0])).abs().max().ToDouble().Should().BeLessThan(1e-5);
        (all.Logits(x).exp() - stack(probabilities).mean([0])).abs().max().ToDouble().Should().BeLessThan(1e-6);
    }

    [Fact]
    public void One_logit_is_read_as_by_a_classifier()
    {
        using var network = new SwitchingNetwork([
            new SwitchingBlock([new LinearModel(12, 6, 1), new LinearModel(12, 6, 2)]),
            new SwitchingBlock([new LinearModel(6, 1, 3), new LinearModel(6, 1, 4)]),
        ]);
        network.eval();
        using var scope = NewDisposeScope();
        var x = Numbers.Uniform([5, 12], seed: 3);
        var model = new Classifier(network, Bounds.Unit) { Head = OutputHead.OneLogit };
        var all = AttackerView.AllPaths.Of(model);
        var (mean, gradients) = (zeros(5, 2), zeros_like(x));
        foreach (var path in network.Paths)
        {
            using var fixedPath = network.FixPath(path);
            mean += model.Logits(x).softmax(1) / 4;
            gradients += model.Gradient(x, logits => logits.select(1, 1) - logits.select(1, 0)) / 4;
        }
        (all.Logits(x).exp() - mean).abs().max().ToDouble().Should().BeLessThan(1e-6);
        (all.Gradient(x, logits => logits.select(1, 1) - logits.select(1, 0)) - gradients).abs().max().ToDouble().Should().BeLessThan(1e-5);
        all.MemberLogits(x).shape.Should().Equal(4, 5, 2);
        all.MemberJacobian(1, x, logits => logits.narrow(1, 0, 1)).Jacobian.shape.Should().Equal(5, 1, 12);
        ((Action)(() => new AllPaths(network, Bounds.Unit).Logits(x))).Should().Throw<InvalidOperationException>().WithMessage("*two classes*OneLogit*");
    }

    [Fact]
    public void The_success_rate_is_the_share_of_paths_that_are_fooled()
    {
        using var network = Switching();
        using var x = full([1, 12], 0.5);
        using var scope = NewDisposeScope();
        var labels = zeros([1], dtype: ScalarType.Int64);
        var goal = Goal.Avoid(labels);
        var fooled = network.Paths.Count(path =>
        {
            using var fixedPath = network.FixPath(path);
            return goal.IsMet(network.call(x)).ToBoolean();
        });
        new AllPaths(network, Bounds.Unit).SuccessRate(x, goal.IsMet).ToDouble().Should().BeApproximately(fooled / 6.0, 1e-6);
    }

    [Fact]
    public void An_attack_on_all_paths_is_deterministic_and_leaves_nothing_behind()
    {
        using var network = Switching();
        using var x = full([4, 12], 0.5);
        using var labels = zeros([4], dtype: ScalarType.Int64);
        var all = new AllPaths(network, Bounds.Unit);
        all.IsRandom.Should().BeFalse();
        Leaks.None(() => new Pgd(0.2) { Steps = 5, Restarts = 1, Loss = Loss.Margin }.Run(all, x, labels).Dispose());
        Leaks.None(() => all.Jacobian(x).Dispose());
        all.Queries.Backward.Should().BeGreaterThan(0);
    }

    private static Tensor Curved(Tensor logits) => logits.sin().sum(1);

    private static SwitchingNetwork Switching()
    {
        var network = new SwitchingNetwork([
            new SwitchingBlock([new LinearModel(12, 6, 1), new LinearModel(12, 6, 2)]),
            new SwitchingBlock([new LinearModel(6, 4, 3), new LinearModel(6, 4, 4), new LinearModel(6, 4, 5)]),
        ]);
        network.eval();
        return network;
    }
}
