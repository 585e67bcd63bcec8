using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Metrics;

/// <summary>Multiplies its input by random numbers: one sign for each example (negative with a probability), or 1 + σ·n for each element.</summary>
internal sealed class Multiplied : StochasticLayer
{
    private readonly double _negative, _std;

    internal Multiplied(double negative = 0, double std = 0) : base(nameof(Multiplied))
    {
        (_negative, _std) = (negative, std);
        Reseed(5);
        eval();
    }

    protected override Tensor Sample(Tensor x, RandomSource random)
    {
        using var scope = NewDisposeScope();
        var sign = 1 - 2 * random.Bernoulli(_negative, x.flatten(1).narrow(1, 0, 1));
        return (x * sign * (1 + random.Normal(x) * _std)).MoveToOuterDisposeScope();
    }

    protected override Tensor Deterministic(Tensor x) => x.alias();
}
