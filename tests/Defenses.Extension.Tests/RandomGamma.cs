using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Outside;

/// <summary>A transform in front of a surrogate: each image gets another gamma, from 1 − spread to 1 + spread.</summary>
public sealed record RandomGamma(double Spread) : InputTransform
{
    public override bool IsRandom => true;

    public override Tensor Apply(Tensor x, int copy, Bounds bounds, RandomSource random)
    {
        using var scope = NewDisposeScope();
        var share = ((x - bounds.Lower) / bounds.Range).clamp(1e-3, 1);
        var gamma = random.Uniform(x.flatten(1).narrow(1, 0, 1)) * (2 * Spread) + (1 - Spread);   // (N, 1)
        var curved = share.flatten(1).pow(gamma).view(x.shape);
        return (curved * bounds.Range + bounds.Lower).MoveToOuterDisposeScope();
    }
}

public sealed class RandomGammaTests : InputTransformContract<RandomGamma>
{
    protected override RandomGamma Create() => new(0.3);

    [Fact]
    public void An_attack_sees_the_model_through_it()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var images = x;
        using var classes = labels;
        var attack = new TransferPgd(0.3) { Transforms = [new RandomGamma(0.3)], Neighbors = null, Seed = 1 };
        using var result = attack.Run(network.Classifier(), x, labels);
        Numbers.Of(result.Met).Average().Should().BeGreaterThan(0.6);
    }
}
