namespace Defenses.Cli;

/// <summary>What to attack with, and how to judge it.</summary>
/// <param name="Attack">The attack.</param>
/// <param name="Epsilon">ε, of a range of 0 to 1.</param>
/// <param name="Steps">Steps of an iterated attack.</param>
/// <param name="EotDraws">Draws behind a gradient of a random model.</param>
/// <param name="Draws">The judge's draws of each image of a random model.</param>
/// <param name="Pictures">Whether to write pictures.</param>
internal sealed record AttackSettings(NamedAttack Attack, double Epsilon, int Steps, int EotDraws, int Draws, bool Pictures);
