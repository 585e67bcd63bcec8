using Defenses.Attacks;
using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Contracts;

/// <summary>The law of rough gradients: in bfloat16 an attack succeeds as often, or it refuses them.</summary>
public abstract partial class AttackContract<T>
{
    private const int Hundred = 100;

    [Fact]
    public void Gradients_in_bfloat16_cost_at_most_one_success_in_a_hundred()
    {
        using var scope = NewDisposeScope();
        using var network = Curved();
        var exact = new Classifier(network, Bounds.Unit);
        var rough = new Classifier(network, Bounds.Unit) { GradientPrecision = GradientPrecision.BFloat16Everywhere };
        var x = Numbers.Uniform([Hundred, 12], seed: 4);
        var labels = exact.Logits(x).argmax(1);
        var attack = Create() with { Seed = 5 };
        using var expected = attack.Run(exact, x, labels);
        using var result = attack.Run(rough, x, labels);
        Numbers.Of(result.Met).Should().Equal(Numbers.Of(exact.Logits(result.Adversarial).argmax(1).ne(labels)), "only a pass in float32 is believed");
        Numbers.Of(result.Met).Sum().Should().BeGreaterThanOrEqualTo(Numbers.Of(expected.Met).Sum() - 1, "or the attack must say NeedsFloat32Gradients");
        if (attack.NeedsFloat32Gradients || (attack.Knowledge & (Knowledge.Gradient | Knowledge.SingleStep)) == Knowledge.None)
            Numbers.Of(result.Adversarial).Should().Equal(Numbers.Of(expected.Adversarial), "no gradient is rough");
        if (Budget is not null) return;
        var both = result.Met.logical_and(expected.Met);
        var (sizes, before) = (result.Size.masked_select(both).sum().ToDouble(), expected.Size.masked_select(both).sum().ToDouble());
        sizes.Should().BeLessThanOrEqualTo(before * (1 + RoughGradientTolerance), "smallest changes must stay small");
    }

    /// <summary>By how much the smallest changes may grow on the average where gradients are in bfloat16; by default a hundredth.</summary>
    protected virtual double RoughGradientTolerance => 0.01;
}
