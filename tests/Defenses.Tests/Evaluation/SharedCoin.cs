using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation;

/// <summary>One coin for a whole batch: right for all of it with a known probability, or wrong for all. Two classes, class 0 is right.</summary>
internal sealed class SharedCoin : StochasticLayer
{
    private readonly double _right;

    internal SharedCoin(double right) : base(nameof(SharedCoin))
    {
        _right = right;
        Reseed(5);
        eval();
    }

    public override bool DrawsPerSample => false;

    protected override Tensor Sample(Tensor x, RandomSource random)
    {
        using var scope = NewDisposeScope();
        using var one = zeros(1, 1);
        var first = random.Bernoulli(_right, one).expand(x.shape[0], 1);
        return (cat([first, 1 - first], 1) * 8 + 0 * x.flatten(1).sum(1, keepdim: true)).MoveToOuterDisposeScope();
    }

    protected override Tensor Deterministic(Tensor x)
    {
        using var scope = NewDisposeScope();
        var sum = 0 * x.flatten(1).sum(1, keepdim: true);
        return cat([sum + 8, sum], 1).MoveToOuterDisposeScope();
    }
}
