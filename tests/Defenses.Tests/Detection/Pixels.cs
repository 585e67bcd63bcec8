using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Tests.Detection;

/// <summary>A network whose layer "hidden" gives the pixels themselves, whose class is whether the first pixel is above one half; and
/// pictures on a curve, or off it.</summary>
internal static class Pixels
{
    internal static Sequential Network(long pixels)
    {
        var last = nn.Linear(pixels, 2);
        using (no_grad())
        {
            last.weight!.fill_(0);
            last.weight[0, 0] = -10f;
            last.weight[1, 0] = 10f;
            last.bias![0] = 5f;
            last.bias[1] = -5f;
        }
        var network = nn.Sequential(("flat", nn.Flatten()), ("hidden", nn.ReLU()), ("last", last));
        network.eval();
        return network;
    }

    /// <summary>(N, 1, 3, 3): all pixels alike, at any brightness but near one half, with a little noise; and moved off by the given distance.</summary>
    internal static Tensor Pictures(long count, double off, ulong seed)
    {
        using var scope = NewDisposeScope();
        var brightness = Numbers.Uniform([count, 1], seed: seed) * 0.6;
        brightness = where(brightness > 0.3, brightness + 0.3, brightness + 0.1);   // 0.1 … 0.4 and 0.6 … 0.9
        var direction = Numbers.Normal([count, 9], seed: seed + 50);
        direction = direction - direction.mean([1], keepdim: true);
        var x = brightness + Numbers.Normal([count, 9], seed: seed + 100) * 0.01 + direction / direction.norm(1, keepdim: true) * off;
        return x.clamp(0, 1).view(count, 1, 3, 3).MoveToOuterDisposeScope();
    }

    /// <summary>What the network says of them.</summary>
    internal static Tensor Labels(Tensor pictures)
    {
        using var scope = NewDisposeScope();
        return pictures.flatten(1).select(1, 0).gt(0.5).to_type(ScalarType.Int64).MoveToOuterDisposeScope();
    }
}
