using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>Attacks that change few elements, on a linear model where the fewest are known.</summary>
public sealed class SparseAttackTests
{
    [Fact]
    public void Jsma_changes_the_pair_with_the_largest_slopes_first()
    {
        using var network = TwoClasses([0.5f, -3f, 2f, 1f, -0.1f, 0.2f]);
        using var x = full([1, 6], 0.5);
        using var labels = zeros([1], dtype: ScalarType.Int64);
        using var result = new Jsma { Gamma = 0.4, Theta = 0.25, BothWays = false }.Run(network.Classifier(), x, labels);   // one pair
        // With positive changes only 2 and 1 are the largest slopes that rise.
        using var change = result.Adversarial - x;
        change.data<float>().ToArray().Should().Equal(0f, 0f, 0.25f, 0.25f, 0f, 0f);
    }

    [Fact]
    public void Jsma_darkens_with_a_negative_theta()
    {
        using var network = TwoClasses([0.5f, -3f, 2f, 1f, -0.1f, 0.2f]);
        using var x = full([1, 6], 0.5);
        using var labels = zeros([1], dtype: ScalarType.Int64);
        using var result = new Jsma { Gamma = 0.4, Theta = -0.25, BothWays = false }.Run(network.Classifier(), x, labels);
        using var change = result.Adversarial - x;
        change.data<float>().ToArray().Should().Equal(0f, -0.25f, 0f, 0f, -0.25f, 0f);
    }

    [Fact]
    public void Jsma_raises_and_lowers_at_once_when_it_may()
    {
        using var network = TwoClasses([0.5f, -3f, 2f, 1f, -0.1f, 0.2f]);
        using var x = full([1, 6], 0.5);
        using var labels = zeros([1], dtype: ScalarType.Int64);
        using var result = new Jsma { Gamma = 0.4, Theta = 0.25 }.Run(network.Classifier(), x, labels);
        using var change = result.Adversarial - x;
        change.data<float>().ToArray().Should().Equal(0f, -0.25f, 0.25f, 0f, 0f, 0f);
    }

    [Fact]
    public void Jsma_on_probabilities_finds_a_pair_where_the_sum_of_the_other_logits_has_none()
    {
        // Every element that raises the logit of class 2 raises the sum of the others, too; class 2's probability still rises most with 1 and 3.
        using var network = new LinearModel(inputs: 4, classes: 3);
        using (no_grad())
        {
            network.Weight.copy_(tensor(new float[] { 2, 2, 1, 1, 2, 2, 1, 1, 3, 9, 1.5f, 6 }).view(3, 4));
            network.parameters().Last().copy_(tensor(new[] { 5f, 0, -20 }));
        }
        using var x = full([1, 4], 0.25);
        using var targets = full([1], 2L, dtype: ScalarType.Int64);
        var attack = new Jsma { Gamma = 0.5, Theta = 0.25, BothWays = false };
        using var logits = attack.Run(network.Classifier(), x, Goal.Reach(targets));
        using var probabilities = (attack with { OnProbabilities = true }).Run(network.Classifier(), x, Goal.Reach(targets));
        using var unchanged = logits.Adversarial - x;
        using var change = probabilities.Adversarial - x;
        unchanged.data<float>().ToArray().Should().Equal(0f, 0f, 0f, 0f);
        change.data<float>().ToArray().Should().Equal(0f, 0.25f, 0f, 0.25f);
    }

    [Fact]
    public void Jsma_uses_no_element_twice_and_no_more_than_its_share()
    {
        using var network = new LinearModel(inputs: 40);
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var result = new Jsma { Gamma = 0.2, Theta = 0.05 }.Run(network.Classifier(), x, labels);
        result.Size.max().ToDouble().Should().BeLessThanOrEqualTo(8);
        using var largest = (result.Adversarial - x).abs().max();
        largest.ToDouble().Should().BeApproximately(0.05, 1e-6);
    }

    public static TheoryData<Attack, double> Sparse() => new()
    {
        { new CarliniWagner { Norm = Norm.L0, Steps = 40, InitialConstant = 10, LearningRate = 0.1 }, 2 },
        { new SigmaZero { Steps = 200 }, 0.2 }, { new Fmn { Norm = Norm.L0, Steps = 200 }, 0.2 },
    };

    [Theory]
    [MemberData(nameof(Sparse))]
    public void As_few_elements_are_changed_as_needed(Attack attack, double more)
    {
        using var network = new LinearModel(inputs: 30, classes: 2);
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        var fewest = Fewest(network, x, labels);
        foreach (var goal in new[] { Goal.Avoid(labels), Goal.Reach(1 - labels) })
        {
            using var result = attack.Run(network.Classifier(), x, goal);
            result.Met.all().ToBoolean().Should().BeTrue();
            (result.Size - fewest).min().ToDouble().Should().BeGreaterThanOrEqualTo(0);
            (result.Size - fewest).mean().ToDouble().Should().BeLessThanOrEqualTo(more);
        }
    }

    [Fact]
    public void Elements_that_are_not_needed_are_restored()
    {
        using var network = new LinearModel(inputs: 30, classes: 2);
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        var slope = (network.Weight.detach().select(0, 1) - network.Weight.detach().select(0, 0)).unsqueeze(0)
            * (1 - 2 * labels.to_type(ScalarType.Float32)).unsqueeze(1);
        var everything = where(slope > 0, ones_like(x), zeros_like(x));
        using var random = new Defenses.Randomness.RandomSource(1);
        var run = new AttackRun(network.Classifier(), x, Goal.Avoid(labels), random, 1, null, default);
        var restored = RestoredElements.Restore(run, everything);
        run.IsMet(restored, run.Goal).all().ToBoolean().Should().BeTrue();
        (Norm.L0.Size(restored - x) - Fewest(network, x, labels)).abs().max().ToDouble().Should().Be(0, "the order is that of the gains");
        (restored.eq(x).logical_or(restored.eq(everything))).all().ToBoolean().Should().BeTrue();
    }

    // The elements with the largest possible gains, each moved to its bound, until the margin is crossed.
    private static Tensor Fewest(LinearModel network, Tensor x, Tensor labels)
    {
        using var noGrad = no_grad();
        var w = (network.Weight.detach().select(0, 1) - network.Weight.detach().select(0, 0)).unsqueeze(0) * (1 - 2 * labels.to_type(ScalarType.Float32))
            .unsqueeze(1);
        var room = where(w > 0, 1 - x, x);
        var (gains, _) = (w.abs() * room).sort(1, descending: true);
        var margin = Goal.Avoid(labels).Margin(network.Classifier().Logits(x)).unsqueeze(1);
        return (margin + gains.cumsum(1) <= 0).to_type(ScalarType.Float32).sum(1) + 1;
    }

    // Class 1 rises with these slopes, class 0 falls; class 0 leads by far.
    private static LinearModel TwoClasses(float[] slopes)
    {
        var network = new LinearModel(inputs: slopes.Length, classes: 2);
        using var noGrad = no_grad();
        using var rise = tensor(slopes);
        using var both = stack([-rise, rise]);
        using var bias = tensor(new[] { 100f, 0f });
        network.Weight.copy_(both);
        network.parameters().Last().copy_(bias);
        return network;
    }
}
