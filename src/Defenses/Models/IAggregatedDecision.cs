namespace Defenses.Models;

/// <summary>A network whose one answer is made of several looks at other networks: what an attacker must know before counting draws.</summary>
public interface IAggregatedDecision
{
    /// <summary>Looks at each random network behind one answer, at least 1.</summary>
    int Draws { get; }
}
