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
    public void Succeeds_exactly_where_the_largest_gains_suffice()
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel(classes: 2);
        var (x, labels) = network.Data(40);
        for (var count = 1; count <= 3; count++)
        {
            using var result = new SparseRandomSearch(count) { Candidates = 2000, Seed = 1 }.Run(network.Classifier(), x, labels);
            Numbers.Of(result.Met).Should().Equal(Numbers.Of(Sparse.Possible(network, x, labels, count)));
            Numbers.Of(result.Size).Should().OnlyContain(size => size <= count);
        }
    }

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
        FluentActions.Invoking(() => new SparseRandomSearch(0.5).Run(network.Classifier(), x, labels)).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("*Epsilon*at least 1*0.5*").WithParameterName("Epsilon");
    }
}

/// <summary>What few elements can do to a linear model of two classes.</summary>
internal static class Sparse
{
    /// <summary>Whether the elements with the largest gains, moved to their bounds, change the class: (N,) bool.</summary>
    internal static Tensor Possible(LinearModel network, Tensor x, Tensor labels, int count)
    {
        using var noGrad = no_grad();
        var slope = (network.Weight[1] - network.Weight[0]).unsqueeze(0) * (1 - 2 * labels.to_type(ScalarType.Float32)).unsqueeze(1);
        var (gains, _) = (slope.abs() * where(slope > 0, 1 - x, x)).topk(count, 1);
        return gains.sum(1) > network.call(x).diff(1, 1).abs().squeeze(1);
    }
}
