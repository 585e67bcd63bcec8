using Defenses.Attacks;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class BudgetBracketsTests
{
    [Theory]
    [InlineData(0.037)]
    [InlineData(1.0)]
    [InlineData(7.3)]
    public void The_smallest_budget_is_found_within_the_tolerance(double smallest)
    {
        using var most = full([2], 50.0, dtype: ScalarType.Float64);
        var brackets = new BudgetBrackets(most, first: 1, tolerance: 0.01, whole: false);
        var found = new[] { double.PositiveInfinity, double.PositiveInfinity };
        var tries = 0;
        for (; brackets.Next() is { Count: > 0 } next; tries++)
        {
            next.Should().ContainSingle("both examples have the same history").Which.Rows.Should().Equal(0, 1);
            var budget = next[0].Budget;
            if (budget >= smallest) found = [budget, budget];
            brackets.Record([0, 1], budget, [budget >= smallest, budget >= smallest], found);
        }

        (found[0] / smallest).Should().BeInRange(1, 1.021);
        tries.Should().BeLessThan(16);
    }

    [Fact]
    public void Budgets_stay_within_what_the_bounds_allow_and_end_there()
    {
        using var most = full([1], 3.0, dtype: ScalarType.Float64);
        var brackets = new BudgetBrackets(most, first: 1, tolerance: 0.01, whole: false);
        var tried = new List<double>();
        while (brackets.Next() is { Count: > 0 } next)
        {
            tried.Add(next[0].Budget);
            brackets.Record([0], next[0].Budget, [false], [double.PositiveInfinity]);
        }

        tried.Should().Equal(1, 2, 3);
    }

    [Fact]
    public void Numbers_of_elements_are_whole_and_the_smallest_is_exact()
    {
        using var most = full([1], 100.0, dtype: ScalarType.Float64);
        var brackets = new BudgetBrackets(most, first: 10, tolerance: 0.01, whole: true);
        var best = double.PositiveInfinity;
        while (brackets.Next() is { Count: > 0 } next)
        {
            var budget = next[0].Budget;
            budget.Should().Be(Math.Floor(budget));
            if (budget >= 37) best = Math.Min(best, budget);
            brackets.Record([0], budget, [budget >= 37], [best]);
        }

        best.Should().Be(37);
    }
}
