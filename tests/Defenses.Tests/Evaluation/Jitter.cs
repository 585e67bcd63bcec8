using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation;

/// <summary>Normal noise on its input, a draw for each example.</summary>
internal sealed class Jitter : StochasticLayer
{
    private readonly double _std;

    internal Jitter(double std) : base(nameof(Jitter))
    {
        _std = std;
        Reseed(5);
    }

    protected override Tensor Sample(Tensor x, RandomSource random)
    {
        using var noise = random.Normal(x);
        using var scaled = noise * _std;
        return x + scaled;
    }

    protected override Tensor Deterministic(Tensor x) => x.alias();
}
