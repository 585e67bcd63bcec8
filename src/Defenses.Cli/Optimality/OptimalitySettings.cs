namespace Defenses.Cli;

/// <summary>What <c>optimality</c> does.</summary>
/// <param name="Others">Files of further models.</param>
/// <param name="Norms">Names of norms.</param>
/// <param name="Steps">Numbers of steps, ascending.</param>
/// <param name="EotDraws">Draws behind a gradient of a random model.</param>
/// <param name="Draws">Draws of the judge.</param>
/// <param name="Reference">The file of what others found; null for none.</param>
/// <param name="Attacks">Names of attacks; null for all.</param>
internal sealed record OptimalitySettings(
    IReadOnlyList<string> Others, IReadOnlyList<string> Norms, IReadOnlyList<int> Steps, int EotDraws, int Draws, string? Reference,
    IReadOnlyList<string>? Attacks);
