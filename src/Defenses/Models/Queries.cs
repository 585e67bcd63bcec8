namespace Defenses.Models;

/// <summary>Passes through the network, counted per example and draw: 10 draws of a batch of 100 count 1000.</summary>
/// <param name="Forward">Forward passes.</param>
/// <param name="Backward">Backward passes.</param>
public readonly record struct Queries(long Forward, long Backward)
{
    /// <summary>The sums of both.</summary>
    public static Queries operator +(Queries a, Queries b) => new(a.Forward + b.Forward, a.Backward + b.Backward);

    /// <summary>The difference of two counts.</summary>
    public static Queries operator -(Queries a, Queries b) => new(a.Forward - b.Forward, a.Backward - b.Backward);
}
