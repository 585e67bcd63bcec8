using Defenses.Attacks;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class GoalTests
{
    [Fact]
    public void A_target_that_is_the_label_is_refused_with_the_number_of_its_example()
    {
        using var labels = tensor(new long[] { 0, 1, 2, 1 });
        using var targets = tensor(new long[] { 1, 2, 2, 1 });
        FluentActions.Invoking(() => Goal.Reach(targets, labels)).Should().Throw<ArgumentException>()
            .WithMessage("targets must differ from the labels; example 2 has*").WithParameterName("targets");
    }

    [Fact]
    public void Targets_that_differ_are_the_goal_as_without_labels()
    {
        using var labels = tensor(new long[] { 0, 1 });
        using var targets = tensor(new long[] { 1, 0 });
        using var scope = NewDisposeScope();
        var goal = Goal.Reach(targets, labels);
        goal.IsTargeted.Should().BeTrue();
        goal.Classes.data<long>().ToArray().Should().Equal(1, 0);
        goal.IsMet(tensor(new float[,] { { 0, 1 }, { 0, 1 } })).data<bool>().ToArray().Should().Equal(true, false);
    }

    [Fact]
    public void Bad_arguments_are_named_and_nothing_is_left_behind()
    {
        using var two = tensor(new long[] { 0, 1 });
        using var three = tensor(new long[] { 1, 0, 2 });
        using var negative = tensor(new long[] { 0, -1 });
        FluentActions.Invoking(() => Goal.Reach(null!, two)).Should().Throw<ArgumentNullException>().WithParameterName("targets");
        FluentActions.Invoking(() => Goal.Reach(two, null!)).Should().Throw<ArgumentNullException>().WithParameterName("labels");
        FluentActions.Invoking(() => Goal.Reach(two, three)).Should().Throw<ArgumentException>().WithParameterName("labels");
        FluentActions.Invoking(() => Goal.Reach(two, negative)).Should().Throw<ArgumentException>().WithParameterName("labels");
        Leaks.None(() => FluentActions.Invoking(() => Goal.Reach(two, two)).Should().Throw<ArgumentException>());
    }
}
