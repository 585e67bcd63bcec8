using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>What few elements can do to a linear model of two classes, and whether an attack in L0 does it.</summary>
internal static class Sparse
{
    /// <summary>Asserts that an attack with a budget of 1, 2 and 3 elements succeeds exactly where the largest gains suffice.</summary>
    internal static void SucceedsExactlyWhereTheLargestGainsSuffice(Func<int, Attack> withBudget)
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel(classes: 2);
        var (x, labels) = network.Data(40);
        for (var count = 1; count <= 3; count++)
        {
            using var result = withBudget(count).Run(network.Classifier(), x, labels);
            Numbers.Of(result.Met).Should().Equal(Numbers.Of(Possible(network, x, labels, count)));
            Numbers.Of(result.Size).Should().OnlyContain(size => size <= count);
        }
    }

    /// <summary>Asserts that a budget below one element is refused, as is another norm than L0.</summary>
    internal static void RefusesLessThanOneElement(Func<double, Attack> withBudget)
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var (x, labels) = network.Data(2);
        FluentActions.Invoking(() => withBudget(0.9).Run(network.Classifier(), x, labels)).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("*Epsilon*at least 1*0.9*").WithParameterName("Epsilon");
        FluentActions.Invoking(() => withBudget(4) with { Norm = Norm.L2 }).Should().Throw<ArgumentException>().WithMessage("*L0*L2*")
            .WithParameterName("Norm");
    }

    // Whether the elements with the largest gains, moved to their bounds, change the class: (N,) bool.
    private static Tensor Possible(LinearModel network, Tensor x, Tensor labels, int count)
    {
        using var noGrad = no_grad();
        var slope = (network.Weight[1] - network.Weight[0]).unsqueeze(0) * (1 - 2 * labels.to_type(ScalarType.Float32)).unsqueeze(1);
        var (gains, _) = (slope.abs() * where(slope > 0, 1 - x, x)).topk(count, 1);
        return gains.sum(1) > network.call(x).diff(1, 1).abs().squeeze(1);
    }
}
