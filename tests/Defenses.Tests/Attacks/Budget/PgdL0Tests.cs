using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class PgdL0Tests : AttackContract<PgdL0>
{
    protected override double? Budget => 4;

    protected override PgdL0 Create() => new(4) { Steps = 20, Restarts = 2 };

    // A number of elements has no unit.
    protected override PgdL0 Scaled(PgdL0 attack, Bounds bounds) => attack with { StepSize = attack.StepSize * bounds.Range };

    [Fact]
    public void Succeeds_exactly_where_the_largest_gains_suffice() =>
        Sparse.SucceedsExactlyWhereTheLargestGainsSuffice(count => new PgdL0(count) { Steps = 20, Seed = 1 });

    [Fact]
    public void Less_than_an_element_is_refused() => Sparse.RefusesLessThanOneElement(budget => new PgdL0(budget));

    [Fact]
    public void A_fraction_of_an_element_is_cut_off()
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var result = new PgdL0(2.9) { Steps = 5, Seed = 1 }.Run(network.Classifier(), x, labels);
        result.Size.max().ToDouble().Should().BeLessThanOrEqualTo(2);
    }
}
