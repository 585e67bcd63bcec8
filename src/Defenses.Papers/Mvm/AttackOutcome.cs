namespace Defenses.Papers;

/// <summary>What an attack did.</summary>
/// <param name="Fooled">Whether the network without sampling takes each image for another class now.</param>
/// <param name="Change">The Euclidean length of each change.</param>
internal sealed record AttackOutcome(bool[] Fooled, double[] Change);
