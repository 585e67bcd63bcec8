namespace Defenses;

/// <summary>How many of a number of things a share of them is.</summary>
internal static class Shares
{
    /// <summary>⌊share·count⌋, with what the product lost to rounding: 0.29·100 is a little below 29.</summary>
    internal static long Of(double share, long count) => (long)Math.Floor(share * count + 1e-9);
}
