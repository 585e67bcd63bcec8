namespace Defenses.Zoo;

/// <summary>Random orders that are the same on every machine.</summary>
internal static class RandomOrder
{
    /// <summary>The first <paramref name="count"/> numbers of a random order of 0 … total − 1 (Fisher-Yates). A
    /// larger count starts with the same numbers.</summary>
    public static long[] First(long total, long count, ulong seed)
    {
        var order = new long[total];
        for (long i = 0; i < total; i++) order[i] = i;
        var random = SplitMix.For(seed, 0, 0);
        for (long i = 0; i < count; i++)
        {
            var other = i + random.Index((int)(total - i));
            (order[i], order[other]) = (order[other], order[i]);
        }

        return order[..(int)count];
    }
}
