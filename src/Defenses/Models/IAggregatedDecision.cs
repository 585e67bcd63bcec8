namespace Defenses.Models;

/// <summary>A network that combines several forward passes of other networks into one output. An attacker must know this before counting draws.</summary>
public interface IAggregatedDecision
{
    /// <summary>The forward passes of each inner random network for one output, at least 1.</summary>
    int Draws { get; }
}
