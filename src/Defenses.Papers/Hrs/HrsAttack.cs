using Defenses.Attacks;
using Defenses.Models;

namespace Defenses.Papers;

/// <summary>An attack of the protocol.</summary>
/// <param name="Name">FGSM, PGD or CW-PGD.</param>
/// <param name="Setting">published, repaired, EOT, all paths or transfer.</param>
/// <param name="Make">The attack with the budget ε.</param>
/// <param name="View">What it looks at.</param>
internal sealed record HrsAttack(string Name, string Setting, Func<double, Attack> Make, Func<HrsDefense, ModelView> View)
{
    internal const string Published = "published", Repaired = "repaired", Eot = "EOT", Exact = "all paths", Transferred = "transfer";

    /// <summary>The three attacks of the paper, with the settings of its code and with valid ones, on the plain model.</summary>
    internal static IReadOnlyList<HrsAttack> Plain(HrsSizes size) =>
    [
        new("FGSM", Published, Presets.HrsPaperFgsm, Model),
        new("PGD", Published, epsilon => Presets.HrsPaperPgd(epsilon) with { Steps = size.Steps }, Model),
        new("CW-PGD", Published, epsilon => Presets.HrsPaperCwPgd(epsilon) with { Steps = size.Steps }, Model),
        new("PGD", Repaired, epsilon => Presets.HrsRepairedPgd(epsilon) with { Steps = size.Steps }, Model),
        new("CW-PGD", Repaired, Margin(size), Model),
    ];

    /// <summary>Those that know that the model draws, one that takes all paths of a switching network, and one that never sees the model.</summary>
    /// <param name="size">Steps and draws.</param>
    /// <param name="own">Networks that the attacker trained himself.</param>
    internal static IReadOnlyList<HrsAttack> Adaptive(HrsSizes size, ModelView own) =>
    [
        new("CW-PGD", Eot, Margin(size), defense => new Eot(defense.Model, size.EotDraws)),
        new("CW-PGD", Exact, Margin(size), defense => defense.Exact is { } exact ? exact : defense.Model),
        new("CW-PGD", Transferred, Margin(size), _ => own),
    ];

    /// <summary>CW-PGD with valid steps.</summary>
    internal static Func<double, Attack> Margin(HrsSizes size) => epsilon => Presets.HrsRepairedCwPgd(epsilon) with { Steps = size.Steps };

    private static ModelView Model(HrsDefense defense) => defense.Model;
}
