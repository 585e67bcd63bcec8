using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>The shuffled batches of each epoch, on a device.</summary>
internal sealed class ShuffledData(ITrainingData data, int batchSize, Device device)
{
    private long[] _order = [];

    internal long StepsPerEpoch => (data.Count + batchSize - 1) / batchSize;

    internal void Begin(ulong seed) => _order = Shuffle.Order(data.Count, seed);

    /// <summary>The examples of a step of the epoch, counted from 0; the last may have fewer.</summary>
    internal (Tensor Images, Tensor Labels) Batch(long step)
    {
        var start = (int)step * batchSize;
        var indices = _order.AsSpan(start, Math.Min(batchSize, _order.Length - start));
        var (images, labels) = data.Batch(indices);
        if (images.shape[0] != indices.Length || labels.shape[0] != indices.Length)
            throw new InvalidOperationException(
                $"The training data must give one image and one label per index; for {indices.Length} it gave {Require.Shape(images)} and " +
                $"{Require.Shape(labels)}.");
        return (images.to(device), labels.to(device));
    }
}

/// <summary>Random orders that depend only on a seed.</summary>
internal static class Shuffle
{
    /// <summary>The numbers from 0 to count − 1 in random order (Fisher and Yates).</summary>
    internal static long[] Order(long count, ulong seed)
    {
        using var random = new RandomSource(seed);
        var order = new long[count];
        for (var i = 0; i < order.Length; i++)
        {
            var j = random.Index(i + 1);
            (order[i], order[j]) = (order[j], i);
        }
        return order;
    }
}

/// <summary>All examples of a data set in order.</summary>
internal static class SequentialBatches
{
    /// <summary>Their numbers 0 … count − 1 in batches of <paramref name="size"/>; the last batch may be smaller.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before a batch.</exception>
    internal static IEnumerable<long[]> Batches(long count, int size, CancellationToken cancellation)
    {
        for (var start = 0L; start < count; start += size)
        {
            cancellation.ThrowIfCancellationRequested();
            var indices = new long[Math.Min(size, count - start)];
            for (var i = 0; i < indices.Length; i++) indices[i] = start + i;
            yield return indices;
        }
    }
}
