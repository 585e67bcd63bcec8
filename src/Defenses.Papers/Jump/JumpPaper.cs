using Defenses.Pages;
using static Defenses.Papers.TextFormat;

namespace Defenses.Papers;

/// <summary>Numbers of the paper and of its code for one network: results, and settings.</summary>
internal sealed class JumpPaper(JumpSizes sizes, JumpTask task)
{
    private static readonly string[] s_searches = ["DF∞", "DF₂", "TR"];

    // κ, and the largest random one.
    private static readonly Dictionary<string, (double Kappa, double High)> s_thresholds = new()
    {
        ["mnist"] = (1, 1), ["cifar10"] = (0.4, 0.5), ["WideResNet"] = (0.07, 0.09), ["MobileNetV2"] = (0.06, 0.08),
    };

    private bool IsColor => task.Normalization == Normalization.Cifar10;

    /// <summary>The settings of the paper.</summary>
    internal PageSection Section() => new("The paper's settings beside those of this run")
    {
        Text = IsColor ? [] : ["The paper's wide networks (WideResNet, MobileNetV2) and its table 3 are for CIFAR-10: --dataset cifar10 has them. Table 3 is "
            + "measured here, too, without a number of the paper."],
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

    /// <summary>Table 3: the area under the ROC curve of local dimensionality, CIFAR-10 only.</summary>
    internal double? Area(string model, string attack) => task.Key == "cifar10" && KindOf(model) is { } kind && JumpPrinted.Areas(kind) is { } areas
        ? areas[attack == task.Pgd.Name ? 0 : (Place(attack) ?? -1) + 1] / 100 : null;

    /// <summary>Why numbers can differ; null where the run has the paper's settings.</summary>
    internal string? Smaller => Settings().Any(each => each.Paper is { } paper && paper != each.Ours)
        ? "This run is smaller than the paper's, or set otherwise: see the table of its settings." : null;

    /// <summary>A setting of this run beside the paper's, null where the paper gives none.</summary>
    internal IEnumerable<(string What, double Ours, double? Paper)> Settings()
    {
        var (isWide, thresholds) = (task.Shape.Count > 0, s_thresholds.TryGetValue(task.Key, out var known) ? known : (1, 1));
        foreach (var each in task.Shape) yield return each;
        yield return ("epochs of the plain network's training", sizes.Training.Epochs, isWide ? 120 : 90);
        yield return ("epochs of the robust network's training", sizes.Training.Epochs, IsColor ? 120 : 90);
        if (isWide) yield return ("images trained on", sizes.Training.Images, 50_000);
        if (isWide) yield return ("images in a step of training", sizes.Batch, 128);
        yield return ("share of a batch that FGSM changes in robust training", task.Robust.Share, IsColor ? 0.6 : 0.3);
        yield return ("ε of that FGSM, normalised units", task.Robust.Epsilon, IsColor ? 0.031 : 0.3);
        yield return ("threshold κ", task.Jump.Kappa, thresholds.Kappa);
        yield return ("largest random threshold b", task.Jump.High, thresholds.High);
        yield return ("steps of PGD and DeepFool", task.Steps, IsColor ? 7 : 40);
        yield return ("steps of TR", sizes.TrustSteps, 1_000);
        yield return ("images attacked", sizes.Attacked.Paper, 10_000);
    }

    /// <summary>The settings as a table.</summary>
    internal PageTable SettingsTable() => new("Settings of the paper and its code", "Setting", ["this run", "paper"],
        [.. Settings().Select(each => new PageRow(each.What,
            [PageCell.Of(Text(each.Ours)), PageCell.Of(each.Paper is { } paper ? Text(paper) : "not given")]))])
    {
        Note = s_thresholds.ContainsKey(task.Key) ? null : "The paper's are those for MNIST.",
    };

    private JumpPrinted? Of(string model, bool isRobust) => KindOf(model) is { } kind ? JumpPrinted.Of(task.Key, kind, isRobust) : null;

    private JumpKind? KindOf(string model)
    {
        var name = model.Replace("robust, ", "", StringComparison.Ordinal);
        return name == JumpModel.NameOf(0) ? JumpKind.Rectifier : name == JumpModel.NameOf(task.Jump.Kappa) ? JumpKind.Jump
            : name.StartsWith("random", StringComparison.Ordinal) ? JumpKind.Random : null;
    }

    private static int? Place(string attack) => Array.IndexOf(s_searches, attack) is var place and >= 0 ? place : null;
}
