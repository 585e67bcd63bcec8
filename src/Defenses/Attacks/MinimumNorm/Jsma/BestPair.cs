using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The pair of elements with the largest product of summed scores, both sums above 0: exact, without a map of all pairs.</summary>
/// <remarks>
/// An element with lower scores than two others, in both scores, is in no best pair: one of the two could take its place. The elements that remain are
/// usually a small fraction; their pairs are compared in blocks.
/// </remarks>
internal static class BestPair
{
    private const long PairsAtOnce = 1 << 20;

    /// <summary>The elements of the best pair of each row, (N, 2) int64, and whether there is one, (N,) bool.</summary>
    /// <param name="first">The first score of each element, (N, D).</param>
    /// <param name="second">The second score of each element, (N, D).</param>
    /// <param name="allowed">Which elements may be chosen, (N, D) bool.</param>
    internal static (Tensor Pair, Tensor Found) Find(Tensor first, Tensor second, Tensor allowed)
    {
        using var scope = NewDisposeScope();
        var never = full_like(first, double.NegativeInfinity);
        var elements = Sieve(where(allowed, first, never), where(allowed, second, never));   // (N, K)
        var kept = allowed.gather(1, elements);
        never = full_like(kept, double.NegativeInfinity, dtype: first.dtype);
        var (a, b) = (where(kept, first.gather(1, elements), never), where(kept, second.gather(1, elements), never));
        var (pair, found) = Compare(a, b);
        return (elements.gather(1, pair).MoveToOuterDisposeScope(), found.MoveToOuterDisposeScope());
    }

    // The elements that at most one other element beats in both scores; each row has as many as the row with most: (N, K).
    private static Tensor Sieve(Tensor first, Tensor second)
    {
        var order = first.argsort(1, descending: true);
        var ordered = second.gather(1, order);
        var before = cat([full_like(ordered.narrow(1, 0, 1), double.NegativeInfinity), ordered.narrow(1, 0, ordered.shape[1] - 1)], 1);
        var (best, _) = before.cummax(1);                    // the best second score of all earlier elements
        var bestBefore = cat([best.narrow(1, 0, 1), best.narrow(1, 0, best.shape[1] - 1)], 1);
        var (runnerUp, _) = minimum(before, bestBefore).cummax(1);   // and the second best
        var kept = ordered > runnerUp;
        var most = Math.Clamp(kept.sum(1).max().ToInt64(), Math.Min(2, kept.shape[1]), kept.shape[1]);
        var (_, places) = kept.to_type(ScalarType.Int32).topk((int)most, 1);
        return order.gather(1, places);
    }

    // The best of all pairs of columns, a block of first columns at a time: (N, K), (N, K) → (N, 2), (N,).
    private static (Tensor Pair, Tensor Found) Compare(Tensor a, Tensor b)
    {
        var (rows, columns) = (a.shape[0], a.shape[1]);
        var block = Math.Clamp(PairsAtOnce / (rows * columns), 1, columns);
        var best = full_like(a.narrow(1, 0, 1), double.NegativeInfinity);   // (N, 1)
        var pair = zeros([rows, 2], dtype: ScalarType.Int64, device: a.device);
        for (var start = 0L; start < columns; start += block)
        {
            var width = Math.Min(block, columns - start);
            var (score, index) = Products(a, b, start, width).max(1, keepdim: true);
            var better = score > best;
            var found = cat([index.floor_divide(columns) + start, index % columns], 1);
            (best, pair) = (where(better, score, best), where(better, found, pair));
        }

        return (pair, best.squeeze(1) > 0);
    }

    // Products of the sums of columns start … start + width − 1 with all columns: (N, width·K); −∞ where no pair.
    private static Tensor Products(Tensor a, Tensor b, long start, long width)
    {
        var columns = a.shape[1];
        var (sumA, sumB) = (a.narrow(1, start, width).unsqueeze(2) + a.unsqueeze(1), b.narrow(1, start, width).unsqueeze(2) + b.unsqueeze(1));
        var numbers = arange(columns, dtype: ScalarType.Int64, device: a.device);
        var other = numbers.narrow(0, start, width).unsqueeze(1).ne(numbers.unsqueeze(0)).unsqueeze(0);
        var valid = (sumA > 0).logical_and(sumB > 0).logical_and(other);
        return where(valid, sumA * sumB, full_like(sumA, double.NegativeInfinity)).flatten(1);
    }
}
