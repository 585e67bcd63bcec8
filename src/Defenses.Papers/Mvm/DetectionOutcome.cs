namespace Defenses.Papers;

/// <summary>What an attack did to a network with a detector in front of it.</summary>
/// <param name="Fooled">Whether the network without sampling takes each image for another class now.</param>
/// <param name="Scores">How suspicious the detector finds each, by draws that the attack did not see.</param>
internal sealed record DetectionOutcome(bool[] Fooled, double[] Scores);
