using Defenses.Pages;
using static Defenses.Papers.TextFormat;

namespace Defenses.Papers;

/// <summary>Numbers of the paper and of its code: results of the networks that are ours, too, and settings.</summary>
internal sealed class JumpPaper(JumpSizes sizes, JumpTask task, RunData data)
{
    private static readonly string[] s_searches = ["DF∞", "DF₂", "TR"];

    // Accuracy without an attack and under white-box PGD, then ρ of DeepFool (L∞, L2) and of the trust region: tables 2 and 4; in percent.
    private static readonly Dictionary<(string DataSet, Kind Kind, bool IsRobust), Printed> s_printed = new()
    {
        [("mnist", Kind.Rectifier, false)] = new(99.55, 66.69, [17.9, 21.8, 18.9]),
        [("mnist", Kind.Jump, false)] = new(99.53, 83.21, [34.1, 44.9, 25.0]) { Gray = [91.65, 81.39, 58.93, 58.90] },
        [("mnist", Kind.Rectifier, true)] = new(99.50, 91.39, [28.4, 31.4, 24.7]),
        [("mnist", Kind.Jump, true)] = new(99.47, 94.36, [46.6, 53.3, 32.8]) { Gray = [97.07, 70.84, 45.17, 53.24] },
        [("mnist", Kind.Random, false)] = new(99.57, 83.49, [36.2, 47.6, 37.0]) { Searched = [5.37, 2.64, 9.61] },
        [("mnist", Kind.Random, true)] = new(99.47, 95.17, [51.0, 52.8, 44.8]) { Searched = [5.89, 1.39, 8.08] },
        [("cifar10", Kind.Rectifier, false)] = new(89.46, 6.38, [1.2, 1.5, 1.3]),
        [("cifar10", Kind.Jump, false)] = new(87.52, 18.56, [9.80, 10.6, 1.7]) { Gray = [45.75, 61.82, 60.55, 53.08] },
        [("cifar10", Kind.Rectifier, true)] = new(87.93, 51.88, [3.6, 4.2, 3.6]),
        [("cifar10", Kind.Jump, true)] = new(86.19, 56.70, [13.2, 14.1, 4.3]) { Gray = [67.65, 52.28, 46.9, 51.52] },
        [("cifar10", Kind.Random, false)] = new(88.20, 20.13, [7.1, 7.9, 13.1]) { Searched = [0, 0, 3.66] },
        [("cifar10", Kind.Random, true)] = new(86.15, 61.03, [13.6, 14.6, 19.7]) { Searched = [0, 1.18, 15.79] },
    };

    private enum Kind
    {
        Rectifier, Jump, Random,
    }

    /// <summary>The settings of the paper, and what of it is not here.</summary>
    internal PageSection Section() => new("The paper's settings beside those of this run")
    {
        Text =
        [
            "The paper's numbers for this network stand beside ours in the tables above. Its wide residual networks and MobileNetV2 are not run here; "
                + "with its thresholds for them white-box PGD leaves 0.95 % and 0.92 % without robust training. Its table 3 (detection by local "
                + "dimensionality on CIFAR-10) is not run either.",
        ],
        Tables = [SettingsTable()],
    };

    /// <summary>The paper's accuracy without an attack; null where the paper has no such model.</summary>
    internal double? Clean(string model, bool isRobust) => Of(model, isRobust)?.Clean / 100;

    /// <summary>The paper's accuracy under a white-box attack.</summary>
    internal double? Accuracy(string model, bool isRobust, string attack) => Of(model, isRobust) is not { } printed ? null
        : attack == task.Pgd.Name ? printed.Pgd / 100 : Place(attack) is { } place && printed.Searched is { } searched ? searched[place] / 100 : null;

    /// <summary>The paper's relative change ρ of a white-box attack.</summary>
    internal double? Change(string model, bool isRobust, string attack) =>
        Of(model, isRobust) is { } printed && Place(attack) is { } place ? printed.Change[place] / 100 : null;

    /// <summary>Table 1: the accuracy on images that an attack made on the network with rectifiers.</summary>
    internal double? Gray(string model, bool isRobust, string attack) => Of(model, isRobust)?.Gray is not { } gray ? null
        : attack == task.Pgd.Name ? gray[0] / 100 : Place(attack) is { } place ? gray[place + 1] / 100 : null;

    /// <summary>Why numbers can differ; null where the run has the paper's settings.</summary>
    internal string? Smaller => Settings().Any(each => each.Paper is { } paper && paper != each.Ours)
        ? "This run is smaller than the paper's, or set otherwise: see its settings in the last section." : null;

    /// <summary>A setting of this run beside the paper's, null where the paper gives none.</summary>
    internal IEnumerable<(string What, double Ours, double? Paper)> Settings()
    {
        var colour = data.IsColor;
        yield return ("epochs of the plain network's training", sizes.Training.Epochs, 90);
        yield return ("epochs of the robust network's training", sizes.Training.Epochs, colour ? 120 : 90);
        yield return ("share of a batch that FGSM changes in robust training", task.Robust.Share, colour ? 0.6 : 0.3);
        yield return ("ε of that FGSM, normalised units", task.Robust.Epsilon, colour ? 0.031 : 0.3);
        yield return ("threshold κ", task.Jump.Kappa, colour ? 0.4 : 1);
        yield return ("largest random threshold b", task.Jump.High, colour ? 0.5 : 1);
        yield return ("steps of PGD and DeepFool", task.Steps, colour ? 7 : 40);
        yield return ("steps of TR", sizes.TrustSteps, 1_000);
        yield return ("images attacked", sizes.Attacked.Paper, 10_000);
    }

    private Printed? Of(string model, bool isRobust)
    {
        var name = isRobust ? model.Replace("robust, ", "", StringComparison.Ordinal) : model;
        Kind? kind = name == JumpModel.NameOf(0) ? Kind.Rectifier : name == JumpModel.NameOf(task.Jump.Kappa) ? Kind.Jump
            : name.StartsWith("random", StringComparison.Ordinal) ? Kind.Random : null;
        return kind is { } known ? s_printed.GetValueOrDefault((data.Key, known, isRobust)) : null;
    }

    private static int? Place(string attack) => Array.IndexOf(s_searches, attack) is var place and >= 0 ? place : null;

    private PageTable SettingsTable() => new("Settings of the paper and its code", "Setting", ["this run", "paper"],
        [.. Settings().Select(each => new PageRow(each.What,
            [PageCell.Of(Text(each.Ours)), PageCell.Of(each.Paper is { } paper ? Text(paper) : "not given")]))])
    {
        Note = data.Key is "cifar10" or "mnist" ? null : "The paper's are those for MNIST.",
    };

    /// <summary>What the paper prints of a model, in percent.</summary>
    /// <param name="Clean">Accuracy without an attack.</param>
    /// <param name="Pgd">Accuracy under white-box PGD.</param>
    /// <param name="Change">ρ of DF∞, DF₂ and TR.</param>
    private sealed record Printed(double Clean, double Pgd, double[] Change)
    {
        /// <summary>Accuracy on images made on the network with rectifiers by PGD, DF∞, DF₂ and TR (table 1).</summary>
        internal double[]? Gray { get; init; }

        /// <summary>Accuracy under white-box DF∞, DF₂ and TR (table 4).</summary>
        internal double[]? Searched { get; init; }
    }
}
