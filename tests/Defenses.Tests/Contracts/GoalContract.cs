using Defenses.Attacks;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Contracts;

/// <summary>The properties of every goal. Derive once for each.</summary>
public abstract class GoalContract
{
    private const long Examples = 40, Classes = 6;

    /// <summary>The goal, for 40 examples of a model with six classes; its class numbers are given.</summary>
    protected abstract Goal Create(Tensor classes);

    /// <summary>The number of columns of the logits: six, and the columns that the goal adds.</summary>
    protected virtual long Columns => Classes;

    [Fact]
    public void It_is_met_where_the_margin_is_above_zero() => Each((goal, logits) =>
    {
        var (met, margin) = (Numbers.Of(goal.IsMet(logits)), Numbers.Of(goal.Margin(logits)));
        met.Should().HaveCount((int)Examples).And.Contain(1).And.Contain(0, "the contract's logits meet some goals and miss some");
        for (var row = 0; row < Examples; row++) (margin[row] > 0).Should().Be(met[row] == 1, $"the margin of example {row} is {margin[row]}");
    });

    [Fact]
    public void Its_margin_does_not_change_with_a_number_added_to_all_logits() => Each((goal, logits) =>
    {
        var (margin, shifted) = (Numbers.Of(goal.Margin(logits)), Numbers.Of(goal.Margin(logits + 3)));
        for (var row = 0; row < Examples; row++) shifted[row].Should().BeApproximately(margin[row], 1e-9);
    });

    [Theory]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.PositiveInfinity)]
    public void An_infinite_logit_leaves_a_margin_with_the_right_sign(double infinite) => Each((goal, logits) =>
    {
        logits.select(1, 2).fill_(infinite);
        var (met, margin) = (Numbers.Of(goal.IsMet(logits)), Numbers.Of(goal.Margin(logits)));
        margin.Should().NotContain(double.NaN);
        for (var row = 0; row < Examples; row++) (margin[row] > 0).Should().Be(met[row] == 1, $"the margin of example {row} is {margin[row]}");
    });

    [Fact]
    public void An_attack_can_climb_its_margin() => Each((goal, logits) =>
    {
        var leaf = logits.clone().requires_grad_(true);
        var slope = autograd.grad([goal.Margin(leaf).sum()], [leaf])[0];
        var (before, after) = (Numbers.Of(goal.Margin(logits)), Numbers.Of(goal.Margin(logits + slope * 1e-4)));
        for (var row = 0; row < Examples; row++) after[row].Should().BeGreaterThan(before[row]);
    });

    [Fact]
    public void The_goal_of_some_examples_is_the_same_for_each() => Each((goal, logits) =>
    {
        var rows = tensor(new long[] { 7, 3, 3, 21 });
        var some = goal.Select(rows);
        Numbers.Of(some.IsMet(logits.index_select(0, rows))).Should().Equal(Numbers.Of(goal.IsMet(logits).index_select(0, rows)));
        Numbers.Of(some.Margin(logits.index_select(0, rows))).Should().Equal(Numbers.Of(goal.Margin(logits).index_select(0, rows)));
        Numbers.Of(some.Classes).Should().Equal(Numbers.Of(goal.Classes.index_select(0, rows)));
        some.IsTargeted.Should().Be(goal.IsTargeted);
    });

    [Fact]
    public void It_keeps_its_tensors_and_leaves_none_behind()
    {
        using var scope = NewDisposeScope();
        var (goal, logits, rows) = (Create(Labels()), Logits(), tensor(new long[] { 1, 2 }));
        Leaks.None(() =>
        {
            goal.IsMet(logits).Dispose();
            goal.Margin(logits).Dispose();
            goal.Merged(logits).Dispose();
            using var inner = NewDisposeScope();
            goal.Select(rows);
        });
        goal.Classes.IsInvalid.Should().BeFalse();
    }

    [Fact]
    public void It_says_what_it_wants() => Create(Labels()).ToString().Should().NotContain("Defenses.");

    private void Each(Action<Goal, Tensor> check)
    {
        using var scope = NewDisposeScope();
        check(Create(Labels()), Logits());
    }

    private static Tensor Labels()
    {
        using var scope = NewDisposeScope();
        return arange(Examples, dtype: ScalarType.Int64).remainder(Classes).MoveToOuterDisposeScope();
    }

    // The label's logit is raised, so that most goals are met for some examples and missed for others.
    private Tensor Logits()
    {
        using var scope = NewDisposeScope();
        var logits = Numbers.Normal([Examples, Columns], ScalarType.Float64, seed: 6);
        return logits.scatter_add(1, Labels().unsqueeze(1), ones([Examples, 1], dtype: ScalarType.Float64)).MoveToOuterDisposeScope();
    }
}
