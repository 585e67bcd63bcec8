namespace Defenses.Training;

/// <summary>All examples of a data set, in their order.</summary>
internal static class Consecutive
{
    /// <summary>Their numbers 0 … count − 1 in batches of <paramref name="size"/>, the last one as it comes out.</summary>
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
