namespace Defenses;

/// <summary>Turns a share of a count into a whole number.</summary>
internal static class Shares
{
    /// <summary>⌊share·count⌋ without rounding error: in floating point 0.29·100 is a little below 29, and the result is 29.</summary>
    internal static long Of(double share, long count) => (long)Math.Floor(share * count + 1e-9);
}
