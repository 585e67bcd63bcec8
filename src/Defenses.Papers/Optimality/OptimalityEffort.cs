using Defenses.Models;

namespace Defenses.Papers;

/// <summary>How much is done to find small changes.</summary>
/// <param name="Images">Images attacked.</param>
/// <param name="Norms">Names of norms: L0, L1, L2, Linf.</param>
/// <param name="Steps">Numbers of steps, ascending: each attack runs with each; the last counts.</param>
/// <param name="EotDraws">Of a random model: the draws behind a gradient.</param>
/// <param name="JudgeDraws">Of a random model: the fresh draws that decide by their majority whether it errs.</param>
public sealed record OptimalityEffort(int Images, IReadOnlyList<string> Norms, IReadOnlyList<int> Steps, int EotDraws, int JudgeDraws)
{
    /// <summary>Names of attacks to run, among <see cref="SmallestAttacks.All"/>; null (default) for all.</summary>
    public IReadOnlyList<string>? Attacks { get; init; }

    /// <summary>The effort in a sentence.</summary>
    public string Describe() =>
        $"{TextFormat.Counted(Images, "image", "images")}, {string.Join(", ", Norms)}, attacks of {string.Join(" and of ", Steps)} steps; random models: "
            + $"{TextFormat.Counted(EotDraws, "draw", "draws")} behind a gradient, {TextFormat.Counted(JudgeDraws, "draw", "draws")} of the judge";
}

/// <summary>A model whose smallest changes are searched.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Deployed">The model as it is deployed: the judge's.</param>
public sealed record OptimalityModel(string Name, ModelView Deployed)
{
    /// <summary>What the attacks see.</summary>
    internal ModelView Seen(OptimalityEffort effort) => Deployed.IsRandom && effort.EotDraws > 1 ? new Eot(Deployed, effort.EotDraws) : Deployed;
}
