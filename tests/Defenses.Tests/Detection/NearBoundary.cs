using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using static TorchSharp.torch;

namespace Defenses.Tests.Detection;

/// <summary>Two classes, divided where the first value is one half, seen through noise of σ = 0.05: what lies near the boundary is
/// answered now this way, now that.</summary>
internal sealed class NearBoundary : StochasticLayer
{
    internal NearBoundary() : base(nameof(NearBoundary))
    {
        Reseed(9);
        eval();
    }

    internal Classifier Model => new(this, Bounds.Unit);

    /// <summary>Images (N, 1, 2, 2) whose first value lies about <paramref name="distance"/> from the boundary, on either side.</summary>
    internal static Tensor Images(long count, double distance, ulong seed)
    {
        using var scope = NewDisposeScope();
        var x = Numbers.Uniform([count, 4], seed: seed);
        var sides = x.narrow(1, 1, 1).gt(0.5).to_type(x.dtype) * 2 - 1;
        var first = 0.5 + sides * (distance + 0.02 * (x.narrow(1, 0, 1) - 0.5));
        return cat([first, x.narrow(1, 1, 3)], 1).view(count, 1, 2, 2).MoveToOuterDisposeScope();
    }

    protected override Tensor Sample(Tensor x, RandomSource random)
    {
        using var scope = NewDisposeScope();
        var first = x.flatten(1).narrow(1, 0, 1);
        return Logits(first + random.Normal(first) * 0.05).MoveToOuterDisposeScope();
    }

    protected override Tensor Deterministic(Tensor x)
    {
        using var scope = NewDisposeScope();
        return Logits(x.flatten(1).narrow(1, 0, 1)).MoveToOuterDisposeScope();
    }

    private static Tensor Logits(Tensor first) => cat([20 * (first - 0.5), 20 * (0.5 - first)], 1);
}
