using System.Collections.ObjectModel;
using Defenses.Attacks;
using Defenses.Hardening;
using Defenses.Models;
using Defenses.Papers;
using Defenses.Training;

namespace Defenses.Cli;

/// <summary>A way to train one network.</summary>
/// <param name="Name">For --method.</param>
/// <param name="Description">What it is.</param>
/// <param name="Defaults">The options it takes with their values on a data set (by name): those of its paper.</param>
/// <param name="Train">Does it, or goes on where the files of its work end.</param>
internal sealed record TrainingMethod(string Name, string Description, Func<string, IReadOnlyDictionary<string, double>> Defaults, Action<TrainingJob> Train)
{
    /// <summary>Hierarchical random switching trains more than one network and is no method like these.</summary>
    internal const string Switching = "hrs";

    /// <summary>The network as it is.</summary>
    internal static TrainingMethod Plain { get; } = new("plain", "the network as it is", _ => ReadOnlyDictionary<string, double>.Empty, job =>
        job.Fit(new CrossEntropyObjective()));

    /// <summary>Every method but switching.</summary>
    internal static IReadOnlyList<TrainingMethod> All { get; } =
    [
        Plain,
        new("adversarial", "against PGD in every step (Madry et al. 2018): --epsilon, --steps of ε/4, --ramp", set => new Dictionary<string,
            double> { ["epsilon"] = Budget(set), ["steps"] = 7, ["ramp"] = 0 },
            job => job.Fit(AdversarialTraining.Madry(job["epsilon"], Bounds.Unit, (int)job["steps"], job["ramp"]))),
        new("mixed-fgsm", "a share of each batch against one step (Erichson et al. 2019): --epsilon, --share", set => new Dictionary<string,
            double> { ["epsilon"] = Budget(set), ["share"] = 0.3 },
            job => job.Fit(AdversarialTraining.MixedFgsm(job["epsilon"], Bounds.Unit, job["share"]))),
        new("trades", "for answers that are stable within ε (Zhang et al. 2019): --epsilon, --beta, --steps of ε/4",
            set => new Dictionary<string, double> { ["epsilon"] = Budget(set), ["beta"] = 6, ["steps"] = 10 },
            job => job.Fit(new Trades(job["epsilon"], Bounds.Unit) { Beta = job["beta"], Steps = (int)job["steps"] })),
        new("cw-augmented", "attacked once by C&W, and trained anew with the smallest examples (Ge et al. 2020): --examples, --steps, --size",
            set => new Dictionary<string, double> { ["examples"] = 3000, ["steps"] = 1000, ["size"] = set is "mnist" or "synthetic" ? 3 : 1 },
            job => job.Augment()),
        new("distillation", "a student of its own softened answers (Papernot et al. 2016), to compare with: it hides gradients and protects from nothing: "
            + "--temperature",
            _ => new Dictionary<string, double> { ["temperature"] = 100 }, job => job.Distil()),
        new("gaussian-augmentation", "on noisy images, as randomized smoothing wants it (Cohen et al. 2019): --std", _ => new Dictionary<string,
            double> { ["std"] = 0.25 },
            job => job.Fit(new GaussianAugmentation(job["std"]))),
    ];

    internal static TrainingMethod Find(string name) => All.FirstOrDefault(method => method.Name == name) ?? Plain;

    /// <summary>The method's options with the values given, and its defaults for the others.</summary>
    /// <exception cref="UserError">The method does not take one that was given.</exception>
    internal static IReadOnlyDictionary<string, double> Options(string name, IReadOnlyDictionary<string, double> given, string dataSet)
    {
        var method = name == Switching ? new TrainingMethod(name, "", _ => ReadOnlyDictionary<string, double>.Empty, _ => { }) : Find(name);
        var all = new Dictionary<string, double>(method.Defaults(dataSet));
        foreach (var (option, value) in given)
            all[option] = all.ContainsKey(option) ? value
                : throw new UserError($"--{option} is nothing that --method {name} takes; "
                    + $"{string.Join(", ", All.Where(other => other.Defaults(dataSet).ContainsKey(option)).Select(other => other.Name))} would.");
        return all;
    }

    // Of Madry et al. on grey images and colour images.
    private static double Budget(string dataSet) => dataSet == "cifar10" ? 8 / 255d : 0.3;
}
