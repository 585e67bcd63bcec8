using Defenses.Attacks;
using Defenses.Models;

namespace DefenseBench.Protocols.Hrs;

/// <summary>An attack of the protocol.</summary>
/// <param name="Name">FGSM, PGD or CW-PGD.</param>
/// <param name="Setting">published, repaired, EOT or all paths.</param>
/// <param name="Make">The attack with the budget ε.</param>
/// <param name="View">What it looks at.</param>
internal sealed record HrsAttack(string Name, string Setting, Func<double, Attack> Make, Func<HrsDefense, ModelView> View)
{
    internal const string Published = "published", Repaired = "repaired", Eot = "EOT", Exact = "all paths";

    /// <summary>The three attacks of the paper, with the settings of its code and with valid ones, on the plain model.</summary>
    internal static IReadOnlyList<HrsAttack> Plain(HrsSizes size) =>
    [
        new("FGSM", Published, epsilon => new Fgsm(epsilon), Model),
        new("PGD", Published, epsilon => new PublishedPgd(epsilon) { Steps = size.Steps }, Model),
        new("CW-PGD", Published, epsilon => new PublishedPgd(epsilon) { Steps = size.Steps, OnMargin = true }, Model),
        new("PGD", Repaired, epsilon => new Pgd(epsilon) { Steps = size.Steps, Restarts = 1 }, Model),
        new("CW-PGD", Repaired, epsilon => new CwPgd(epsilon) { Steps = size.Steps, Restarts = 1 }, Model),
    ];

    /// <summary>Those that know that the model draws; the last one takes all paths of a switching network.</summary>
    internal static IReadOnlyList<HrsAttack> Adaptive(HrsSizes size) =>
    [
        new("CW-PGD", Eot, epsilon => new CwPgd(epsilon) { Steps = size.Steps, Restarts = 1 }, defense => new Eot(defense.Model, size.EotDraws)),
        new("CW-PGD", Exact, epsilon => new CwPgd(epsilon) { Steps = size.Steps, Restarts = 1 },
            defense => defense.Paths is { } paths ? new AllPaths(paths, Bounds.Unit) : defense.Model),
    ];

    private static ModelView Model(HrsDefense defense) => defense.Model;
}
