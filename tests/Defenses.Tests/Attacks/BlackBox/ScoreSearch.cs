using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>What a search by scores must find.</summary>
internal static class ScoreSearch
{
    /// <summary>Asserts that a search in L∞ succeeds on exactly those examples of a linear model that a corner of the ball breaks, without
    /// a gradient.</summary>
    /// <param name="inputs">Elements of an example.</param>
    /// <param name="withBudget">Makes the attack from ε, which is so chosen that half of the examples can be broken.</param>
    /// <param name="mostQueries">The most forward passes of an example.</param>
    internal static void FindsExactlyWhatACornerBreaks(int inputs, Func<double, Attack> withBudget, long mostQueries)
    {
        using var network = new LinearModel(inputs: inputs, classes: 2);
        var (x, labels) = network.Data(32);
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        var w = network.Weight.detach().select(0, 1) - network.Weight.detach().select(0, 0);
        var margin = Goal.Avoid(labels).Margin(network.Classifier().Logits(x));
        var sorted = margin.sort().Values;
        var epsilon = -(sorted[15] + sorted[16]).ToDouble() / 2 / w.abs().sum().ToDouble();
        var breakable = margin + epsilon * w.abs().sum() > 0;
        using var result = withBudget(epsilon).Run(network.Classifier(), x, labels);
        breakable.sum().ToInt64().Should().Be(16);
        result.Met.eq(breakable).all().ToBoolean().Should().BeTrue();
        result.Queries.Backward.Should().Be(0);
        result.QueriesPerExample.Max(queries => queries.Forward).Should().BeLessThanOrEqualTo(mostQueries);
        result.Queries.Forward.Should().BeLessThan(32 * mostQueries, "finished examples use no more passes");
    }

    /// <summary>Asserts that a search breaks most images of three planes, and keeps its budget.</summary>
    internal static void BreaksImagesOfPlanes(BudgetAttack attack)
    {
        using var network = nn.Sequential(("flatten", nn.Flatten()), ("linear", new LinearModel(inputs: 3 * 9 * 7, classes: 3)));
        network.eval();
        using var random = new Defenses.Randomness.RandomSource(4);
        using var scope = NewDisposeScope();
        var x = random.Uniform(zeros(10, 3, 9, 7)) * 0.5 + 0.25;
        var model = new Classifier(network, Bounds.Unit);
        var labels = model.Logits(x).argmax(1);
        using var result = attack.Run(model, x, labels);
        result.Met.to_type(ScalarType.Float32).mean().ToDouble().Should().BeGreaterThan(0.6);
        result.Size.max().ToDouble().Should().BeLessThanOrEqualTo(attack.Epsilon * (1 + 1e-5));
    }
}
