using Defenses.Attacks;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Contracts;

/// <summary>The properties of every loss. Derive once for each.</summary>
public abstract class LossContract
{
    /// <summary>The loss.</summary>
    protected abstract Loss Loss { get; }

    [Fact]
    public void It_is_one_number_for_each_example_and_of_that_example_alone() => Each((goal, logits) =>
    {
        var all = Loss.Value(logits, goal);
        all.shape.Should().Equal(logits.shape[0]);
        var rows = tensor(new long[] { 5, 2 });
        var (some, same) = (Numbers.Of(Loss.Value(logits.index_select(0, rows), goal.Select(rows))), Numbers.Of(all.index_select(0, rows)));
        for (var i = 0; i < 2; i++) some[i].Should().BeApproximately(same[i], 1e-9);
    });

    [Fact]
    public void Its_gradient_leads_nearer_to_the_goal() => Each((goal, logits) =>
    {
        var leaf = logits.clone().requires_grad_(true);
        var value = Loss.Value(leaf, goal);
        var slope = autograd.grad([value.sum()], [leaf])[0];
        Numbers.Of(slope).Should().OnlyContain(number => double.IsFinite(number));
        var step = slope / slope.flatten(1).norm(1, keepdim: true) * 1e-3;
        var (before, after) = (Numbers.Of(value), Numbers.Of(Loss.Value(logits + step, goal)));
        var (far, near) = (Numbers.Of(goal.Margin(logits)), Numbers.Of(goal.Margin(logits + step)));
        for (var i = 0; i < before.Length; i++)
        {
            after[i].Should().BeGreaterThan(before[i]);
            near[i].Should().BeGreaterThan(far[i]);
        }
    });

    [Fact]
    public void Large_logits_give_numbers() => Each((goal, logits) =>
        Numbers.Of(Loss.Value(logits * 1e4, goal)).Should().OnlyContain(number => double.IsFinite(number)));

    [Theory]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.PositiveInfinity)]
    public void An_infinite_logit_gives_a_number_that_can_be_compared(double infinite) => Each((goal, logits) =>
    {
        var changed = logits.clone();
        changed.select(1, 3).fill_(infinite);   // the label of some examples, the target of others
        var leaf = changed.requires_grad_(true);
        var value = Loss.Value(leaf, goal);
        Numbers.Of(value).Should().NotContain(double.NaN);
        if (infinite > 0) return;
        Numbers.Of(autograd.grad([value.sum()], [leaf])[0]).Should().NotContain(double.NaN, "a masked class hides no other class");
    });

    [Fact]
    public void It_leaves_no_tensor_behind() => Each((goal, logits) => Leaks.None(() => Loss.Value(logits, goal).Dispose()));

    [Fact]
    public void It_prints_its_name() => Loss.ToString().Should().NotContain("Defenses.");

    // Untargeted and targeted; the labels lead, so that no goal is met.
    private static void Each(Action<Goal, Tensor> check)
    {
        using var scope = NewDisposeScope();
        var labels = arange(12, dtype: ScalarType.Int64).remainder(5);
        var logits = Numbers.Normal([12, 5], ScalarType.Float64, seed: 6).scatter_add(1, labels.unsqueeze(1), full([12, 1], 3, dtype: ScalarType.Float64));
        check(Goal.Avoid(labels), logits);
        check(Goal.Reach((labels + 1).remainder(5), labels), logits);
    }
}
