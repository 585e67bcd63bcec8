namespace Defenses.Models;

/// <summary>Passes through the network, counted per example and draw: a batch of 100 seen through 10 draws counts 1000.</summary>
/// <param name="Forward">Forward passes.</param>
/// <param name="Backward">Backward passes.</param>
public readonly record struct Queries(long Forward, long Backward)
{
    /// <summary>Both summed.</summary>
    public static Queries operator +(Queries a, Queries b) => new(a.Forward + b.Forward, a.Backward + b.Backward);

    /// <summary>What was counted between two readings.</summary>
    public static Queries operator -(Queries a, Queries b) => new(a.Forward - b.Forward, a.Backward - b.Backward);
}
