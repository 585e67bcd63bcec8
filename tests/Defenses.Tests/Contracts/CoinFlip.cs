using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Contracts;

/// <summary>A model that is right with a known probability and errs at random, whatever the input: two classes, class 0 is right.</summary>
internal sealed class CoinFlip : StochasticLayer
{
    private readonly double _right;

    internal CoinFlip(double right) : base(nameof(CoinFlip))
    {
        _right = right;
        Reseed(5);
        eval();
    }

    protected override Tensor Sample(Tensor x, RandomSource random)
    {
        using var scope = NewDisposeScope();
        var first = random.Bernoulli(_right, x.flatten(1).narrow(1, 0, 1)).expand(x.shape[0], 1);
        return (cat([first, 1 - first], 1) * 8 + 0 * x.flatten(1).sum(1, keepdim: true)).MoveToOuterDisposeScope();
    }

    protected override Tensor Deterministic(Tensor x)
    {
        using var scope = NewDisposeScope();
        var sum = 0 * x.flatten(1).sum(1, keepdim: true);
        return cat([sum + 8, sum], 1).MoveToOuterDisposeScope();
    }
}
