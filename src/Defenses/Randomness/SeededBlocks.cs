using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Randomness;

/// <summary>Blocks of 20 examples with fixed boundaries by global index; block b has the seed hash(seed, b), so that a
/// result depends only on its block.</summary>
internal static class SeededBlocks
{
    /// <summary>The number of examples in a block.</summary>
    internal const int Size = 20;

    /// <summary>The parts of blocks that cover the examples first … first + count − 1.</summary>
    /// <param name="first">The global index of the first example.</param>
    /// <param name="count">The number of examples.</param>
    /// <param name="seed">The seed of all blocks; null for blocks without a seed.</param>
    internal static IEnumerable<BlockPart> Split(long first, long count, ulong? seed)
    {
        for (long row = 0, size; row < count; row += size)
        {
            var (block, offset) = Math.DivRem(first + row, (long)Size);
            size = Math.Min(Size - offset, count - row);
            yield return new BlockPart(row, size, offset, seed is { } all ? Seeds.Combine(all, block) : null);
        }
    }

    /// <summary>The results of all blocks in order, without a graph, on the CPU in float64.</summary>
    internal static Tensor Run(Tensor images, ulong? seed, Func<Tensor, ulong?, Tensor> compute, CancellationToken cancellation = default)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var results = new List<Tensor>();
        foreach (var part in Split(0, images.shape[0], seed))
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            results.Add(compute(images.narrow(0, part.Row, part.Count), part.Seed).to_type(ScalarType.Float64).cpu().MoveToOuterDisposeScope());
        }
        return cat(results).MoveToOuterDisposeScope();
    }
}

/// <summary>The examples of one block within a batch.</summary>
/// <param name="Row">The row of its first example in the batch.</param>
/// <param name="Count">The number of its examples in the batch.</param>
/// <param name="Offset">The position of its first example in the block.</param>
/// <param name="Seed">The seed of the block; null without seeds.</param>
internal readonly record struct BlockPart(long Row, long Count, long Offset, ulong? Seed);
