using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>Work on many images in blocks of 20 by their place, block b with the seed hash(seed, b): what an image gets depends on its block alone.</summary>
internal static class SeededBlocks
{
    private const long Size = 20;

    /// <summary>The results of all blocks one after another, without a graph, on the CPU in float64.</summary>
    internal static Tensor Run(Tensor images, ulong? seed, Func<Tensor, ulong?, Tensor> compute, CancellationToken cancellation = default)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var results = new List<Tensor>();
        for (long start = 0; start < images.shape[0]; start += Size)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var block = images.narrow(0, start, Math.Min(Size, images.shape[0] - start));
            var own = seed is { } whole ? Seeds.Combine(whole, start / Size) : (ulong?)null;
            results.Add(compute(block, own).to_type(ScalarType.Float64).cpu().MoveToOuterDisposeScope());
        }
        return cat(results).MoveToOuterDisposeScope();
    }
}
