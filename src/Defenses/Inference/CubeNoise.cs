using Defenses.Models;
using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Inference;

/// <summary>A point drawn uniformly from the cube around the input, clipped: clamp(x + r·(2u − 1), bounds).</summary>
internal sealed class CubeNoise(double radius, Bounds bounds) : StochasticLayer(nameof(CubeNoise))
{
    /// <inheritdoc/>
    protected override Tensor Sample(Tensor x, RandomSource random)
    {
        using var scope = NewDisposeScope();
        return (x + random.Uniform(x).mul_(2 * radius).sub_(radius)).clamp(bounds.Lower, bounds.Upper).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override Tensor Deterministic(Tensor x) => x.alias();
}
