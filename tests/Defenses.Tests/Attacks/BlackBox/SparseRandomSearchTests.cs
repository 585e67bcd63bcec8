using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class SparseRandomSearchTests : AttackContract<SparseRandomSearch>
{
    protected override double? Budget => 4;

    protected override SparseRandomSearch Create() => new(4) { Candidates = 150 };

    // A number of elements has no unit.
    protected override SparseRandomSearch Scaled(SparseRandomSearch attack, Bounds bounds) => attack;

    [Fact]
    public void Succeeds_exactly_where_the_largest_gains_suffice() =>
        Sparse.SucceedsExactlyWhereTheLargestGainsSuffice(count => new SparseRandomSearch(count) { Candidates = 2000, Seed = 1 });

    [Fact]
    public void Less_than_an_element_is_refused() => Sparse.RefusesLessThanOneElement(budget => new SparseRandomSearch(budget));

    [Fact]
    public void Every_changed_element_is_at_a_bound_and_their_number_is_the_budget()
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        x.select(1, 0).fill_(1);
        x.select(1, 1).fill_(0);
        labels = network.call(x).argmax(1);
        using var result = new SparseRandomSearch(12) { Candidates = 3, Seed = 1 }.Run(network.Classifier(), x, labels);
        var changed = result.Adversarial.ne(x);
        Numbers.Of(changed.sum(1)).Should().OnlyContain(count => count == 12, "an element that is at a bound goes to the other one");
        result.Adversarial.eq(0).logical_or(result.Adversarial.eq(1)).all().ToBoolean().Should().BeTrue();
    }
}
