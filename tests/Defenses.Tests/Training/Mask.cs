using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Training;

/// <summary>Drops units in training only, from the stream of its own.</summary>
internal sealed class Mask : StochasticLayer
{
    internal Mask() : base(nameof(Mask)) => ActiveIn = Phases.Training;

    protected override Tensor Sample(Tensor x, RandomSource random) => x * random.Bernoulli(0.75, x) / 0.75;

    protected override Tensor Deterministic(Tensor x) => x.alias();
}
