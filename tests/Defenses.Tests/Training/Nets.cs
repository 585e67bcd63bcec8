using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Training;

/// <summary>Small networks whose initial weights come from a seed.</summary>
internal static class Nets
{
    internal static nn.Module<Tensor, Tensor> Classifier(ulong seed) =>
        nn.Sequential(("hidden", Linear(Blobs.Features, 16, seed)), ("relu", nn.ReLU()), ("mask", new Mask()), ("out", Linear(16, Blobs.Classes, seed + 1)));

    internal static TorchSharp.Modules.Linear Linear(long from, long to, ulong seed)
    {
        var linear = nn.Linear(from, to);
        using var random = new RandomSource(seed);
        using var noGrad = no_grad();
        using var weight = random.Normal(linear.weight);
        linear.weight.copy_(weight).div_(Math.Sqrt(from));
        linear.bias!.fill_(0);
        return linear;
    }

    /// <summary>All weights, statistics included, in one row.</summary>
    internal static float[] Weights(nn.Module network)
    {
        using var scope = NewDisposeScope();
        return [.. network.state_dict().Values.SelectMany(value => value.detach().to_type(ScalarType.Float32).flatten().data<float>().ToArray())];
    }
}
