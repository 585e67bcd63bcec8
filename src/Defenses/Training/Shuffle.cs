using Defenses.Randomness;

namespace Defenses.Training;

/// <summary>Random orders that depend on nothing but a seed.</summary>
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
