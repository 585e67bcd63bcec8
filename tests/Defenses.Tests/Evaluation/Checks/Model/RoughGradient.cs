using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

/// <summary>The identity, with a gradient that is multiplied by 1 + std·N(0, 1), element by element and afresh at every look.</summary>
internal sealed class RoughGradient : StochasticLayer
{
    private readonly double _std;

    internal RoughGradient(double std) : base(nameof(RoughGradient)) => _std = std;

    protected override Tensor Sample(Tensor x, RandomSource random)
    {
        using var scope = NewDisposeScope();
        return (x + (x - x.detach()) * random.Normal(x, _std)).MoveToOuterDisposeScope();
    }

    protected override Tensor Deterministic(Tensor x) => x.alias();
}
