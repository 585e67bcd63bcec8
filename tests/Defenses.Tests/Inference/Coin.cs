using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Inference;

/// <summary>Three classes; class 1 with a known probability, else class 2, each with a margin of 4 over the rest.</summary>
internal sealed class Coin : StochasticLayer
{
    internal const double Margin = 4;
    private readonly double _heads;

    internal Coin(double heads, ulong seed = 1) : base(nameof(Coin))
    {
        _heads = heads;
        Reseed(seed);
        eval();
    }

    /// <summary>exp(4)/(exp(4) + 2), the probability that a draw gives its class.</summary>
    internal static double Sure => Math.Exp(Margin) / (Math.Exp(Margin) + 2);

    /// <summary>exp(0)/(exp(4) + 2), the probability of each other class.</summary>
    internal static double Unsure => 1 / (Math.Exp(Margin) + 2);

    protected override Tensor Sample(Tensor x, RandomSource random)
    {
        using var scope = NewDisposeScope();
        var column = x.flatten(1).narrow(1, 0, 1);
        var heads = random.Bernoulli(_heads, column).expand(x.shape[0], 1);
        return (cat([zeros_like(column), heads, 1 - heads], 1) * Margin).MoveToOuterDisposeScope();
    }

    protected override Tensor Deterministic(Tensor x)
    {
        using var scope = NewDisposeScope();
        var column = x.flatten(1).narrow(1, 0, 1);
        return cat([zeros_like(column), zeros_like(column) + Margin, zeros_like(column)], 1).MoveToOuterDisposeScope();
    }
}
