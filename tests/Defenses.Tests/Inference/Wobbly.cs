using Defenses.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Tests.Inference;

/// <summary>A small random network: a linear map of the input and its tanh with Gaussian noise between, 16 values to 3 classes.</summary>
internal static class Wobbly
{
    internal static Sequential Network(double std = 1, bool perSample = true)
    {
        var network = nn.Sequential(("first", Linear(16, 8, 1)), ("act", nn.Tanh()), ("noise", new Noise(std, perSample)), ("last", Linear(8, 3, 2)));
        network.Reseed(7);
        network.eval();
        return network;
    }

    private static Linear Linear(long from, long to, ulong seed)
    {
        var linear = nn.Linear(from, to);
        using var noGrad = no_grad();
        using var weight = Contracts.Numbers.Normal([to, from], seed: seed);
        using var bias = Contracts.Numbers.Normal([to], seed: seed + 100);
        linear.weight!.copy_(weight);
        linear.bias!.copy_(bias);
        return linear;
    }

    private sealed class Noise(double std, bool perSample) : StochasticLayer(nameof(Noise))
    {
        public override bool DrawsPerSample => perSample;

        protected override Tensor Sample(Tensor x, RandomSource random)
        {
            using var scope = NewDisposeScope();
            return (x + random.Normal(perSample ? x : x.narrow(0, 0, 1)) * std).MoveToOuterDisposeScope();
        }

        protected override Tensor Deterministic(Tensor x) => x.alias();
    }
}
