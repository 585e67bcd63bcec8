namespace Defenses.Metrics;

/// <summary>A defense, and whether another one makes it pointless.</summary>
/// <param name="Defense">The defense.</param>
/// <param name="DominatedBy">The first other defense that is better in something and worse in nothing; null on the frontier.</param>
public sealed record FrontierPoint(TradeOff Defense, string? DominatedBy)
{
    /// <summary>Whether no other defense dominates it.</summary>
    public bool IsOnFrontier => DominatedBy is null;
}
