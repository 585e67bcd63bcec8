using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation;

public sealed class BudgetEnforcementTests
{
    private static readonly Bounds s_bounds = new(-1, 3);

    // ε = 0.5 and 1 in 10,000 of it, and a hundred-thousandth of the range of 4: 0.50009.
    [Theory]
    [InlineData(0.5, true)]
    [InlineData(0.50008, true)]
    [InlineData(-0.50008, true)]
    [InlineData(0.5002, false)]
    [InlineData(-0.5002, false)]
    [InlineData(double.NaN, false)]
    public void Rounding_is_forgiven_and_nothing_else(double amount, bool kept)
    {
        using var scope = NewDisposeScope();
        Kept(zeros(1, 4), zeros(1, 4) + amount, Norm.Linf).Should().Equal(kept);
    }

    [Theory]
    [InlineData(3.00003, true)]
    [InlineData(3.0002, false)]
    [InlineData(-1.00003, true)]
    [InlineData(-1.0002, false)]
    public void One_element_beyond_the_bounds_is_too_many(double to, bool kept)
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { to > 0 ? 2.8f : -0.8f, 0.5f, 1 }).view(1, 3);
        var moved = x.clone();
        moved[0, 0] = to;
        Kept(x, moved, Norm.Linf).Should().Equal(kept);
    }

    // 0.3 on each of four elements: 0.3, 0.6 and 1.2.
    [Fact]
    public void The_size_is_that_of_the_norm()
    {
        using var scope = NewDisposeScope();
        var (x, moved) = (zeros(1, 2, 2), full([1, 2, 2], 0.3));
        Kept(x, moved, Norm.Linf).Should().Equal(true);
        Kept(x, moved, Norm.L2).Should().Equal(false);
        Kept(x, moved, Norm.L2, 0.61).Should().Equal(true);
        Kept(x, moved, Norm.L1, 1.1).Should().Equal(false);
        Kept(x, moved, Norm.L1, 1.21).Should().Equal(true);
    }

    [Fact]
    public void The_original_stands_in_for_what_broke_the_budget()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new float[] { 0, 0, 2.9f, 0, 1 }).view(5, 1, 1, 1);
        var moved = x + tensor(new[] { 0.4f, 0.6f, 0.4f, float.NaN, -0.5f }).view(5, 1, 1, 1);
        var (held, replaced) = BudgetEnforcement.Enforce(x, moved, Norm.Linf, 0.5, s_bounds);
        Numbers.Of(held).Should().Equal([0.4, 0, 2.9, 0, 0.5], (a, b) => Math.Abs(a - b) < 1e-6);
        replaced.Should().Be(3);
        var (all, none) = BudgetEnforcement.Enforce(x, x + 0.05, Norm.Linf, 0.5, s_bounds);
        Numbers.Of(all - x).Should().OnlyContain(value => Math.Abs(value - 0.05) < 1e-6);
        none.Should().Be(0);
    }

    private static bool[] Kept(Tensor x, Tensor adversarial, Norm norm, double epsilon = 0.5) =>
        BudgetRule.IsWithin(x, adversarial, norm, epsilon, s_bounds).data<bool>().ToArray();
}
