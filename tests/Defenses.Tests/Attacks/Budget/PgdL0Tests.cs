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
    public void Succeeds_exactly_where_the_largest_gains_suffice()
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel(classes: 2);
        var (x, labels) = network.Data(40);
        for (var count = 1; count <= 3; count++)
        {
            using var result = new PgdL0(count) { Steps = 20, Seed = 1 }.Run(network.Classifier(), x, labels);
            Numbers.Of(result.Met).Should().Equal(Numbers.Of(Sparse.Possible(network, x, labels, count)));
            Numbers.Of(result.Size).Should().OnlyContain(size => size <= count);
        }
    }

    [Fact]
    public void A_fraction_of_an_element_is_cut_off_and_less_than_one_is_refused()
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var result = new PgdL0(2.9) { Steps = 5, Seed = 1 }.Run(network.Classifier(), x, labels);
        result.Size.max().ToDouble().Should().BeLessThanOrEqualTo(2);
        FluentActions.Invoking(() => new PgdL0(0.9).Run(network.Classifier(), x, labels)).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("*Epsilon*at least 1*0.9*").WithParameterName("Epsilon");
        FluentActions.Invoking(() => new PgdL0(4) { Norm = Norm.L2 }).Should().Throw<ArgumentException>().WithMessage("*L0*L2*").WithParameterName("Norm");
    }
}
