using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class SmallestTests : AttackContract<Smallest>
{
    protected override Smallest Create() => new(new Pgd(0.02) { Steps = 10, Restarts = 1 }) { SearchSteps = 8 };

    protected override Smallest Scaled(Smallest attack, Bounds bounds) =>
        attack with { Attack = (Pgd)attack.Attack with { Epsilon = attack.Attack.Epsilon * bounds.Range } };

    [Fact]
    public void Examples_that_share_a_budget_are_attacked_together_and_leave_when_their_bracket_is_small()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        var steps = 10;
        var attack = new Smallest(new CwPgd(0.1) { Steps = steps, Restarts = 1 }) { SearchSteps = 40, Tolerance = 0.05, Seed = 1 };
        using var result = attack.Run(network.Classifier(), x, labels);
        result.Met.all().ToBoolean().Should().BeTrue();
        result.QueriesPerExample.Max(one => one.Backward).Should().BeLessThan(14 * steps, "the bracket halves from 2 to 1.05 in a handful of budgets");
    }

    [Fact]
    public void The_norm_is_that_of_the_attack()
    {
        var attack = new Smallest(new Pgd(0.1) { Norm = Norm.L1 });
        attack.Norm.Should().Be(Norm.L1);
        (attack with { Norm = Norm.L2 }).Attack.Should().Be(new Pgd(0.1) { Norm = Norm.L2 });
    }

    [Fact]
    public void An_attack_without_a_first_budget_is_refused()
    {
        var make = () => new Smallest(new Pgd(0));
        make.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*budget of Attack*above 0*");
    }

    [Fact]
    public void Attacks_that_start_from_a_point_start_from_the_smallest_success()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(4);
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        using var random = new Defenses.Randomness.RandomSource(1);
        var known = (x + 0.2).index_copy(0, tensor(new[] { 1L }), x.narrow(0, 1, 1));   // none is known for the second
        var run = new AttackRun(network.Classifier(), x, Goal.Avoid(labels), random, 1, null, default).From(known);
        var start = run.StartOr(x - 0.1, move => x + Norm.L2.Project(move - x, 0.05));
        (Norm.L2.Size(start - x) - 0.05).abs().index_select(0, tensor(new[] { 0L, 2, 3 })).max().ToDouble().Should().BeLessThan(1e-6);
        start[1].equal(x[1] - 0.1).all().ToBoolean().Should().BeTrue();
    }
}
