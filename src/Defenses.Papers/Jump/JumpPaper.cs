using Defenses.Pages;
using static Defenses.Papers.TextFormat;

namespace Defenses.Papers;

/// <summary>Numbers of the paper and of its code that are known to us: settings, and two of its results. Its tables are not.</summary>
internal sealed class JumpPaper(JumpSizes sizes, JumpTask task, RunData data)
{
    /// <summary>What was looked through for its results, in a sentence.</summary>
    internal const string Missing =
        "None of the sources at hand prints the paper's tables and figures: neither its abstract and summaries nor its authors' code. Numbers from memory "
        + "are no numbers.";

    /// <summary>Its numbers beside those of a run.</summary>
    internal PageSection Section(JumpResults results) => new("Beside the paper")
    {
        Text = [$"{Missing} Its settings are known{(data.IsColor ? ", and two accuracies of networks that are not among ours" : "")}."],
        Tables = [SettingsTable(), .. data.IsColor ? new[] { Printed(results) } : []],
    };

    /// <summary>A setting of this run beside the paper's, null where the paper gives none.</summary>
    internal IEnumerable<(string What, double Ours, double? Paper)> Settings()
    {
        var colour = data.IsColor;
        yield return ("epochs of the plain network's training", sizes.Training.Epochs, 90);
        yield return ("epochs of the robust network's training", sizes.Training.Epochs, colour ? 120 : 90);
        yield return ("share of a batch that FGSM changes in robust training", task.Robust.Share, colour ? 0.6 : 0.3);
        yield return ("ε of that FGSM, normalised units", task.Robust.Epsilon, colour ? 0.031 : 0.3);
        yield return ("threshold κ", task.Jump.Kappa, colour ? 0.4 : 1);
        yield return ("largest random threshold b", task.Jump.High, colour ? 0.5 : null);
        yield return ("steps of PGD and DeepFool", task.Steps, colour ? 7 : 40);
        yield return ("steps of TR", sizes.TrustSteps, 1_000);
        yield return ("images attacked", sizes.Attacked.Paper, 10_000);
    }

    private PageTable SettingsTable() => new("Settings of the paper and its code", "Setting", ["this run", "paper"],
        [.. Settings().Select(each => new PageRow(each.What,
            [PageCell.Of(Text(each.Ours)), PageCell.Of(each.Paper is { } paper ? Text(paper) : "not given")]))])
    {
        Note = data.Key is "cifar10" or "mnist" ? null : "The paper's are those for MNIST.",
    };

    // The paper's text; at which threshold is not known to us.
    private PageTable Printed(JumpResults results)
    {
        var ours = results.Attacked.Single(row => row.Model == JumpModel.NameOf(task.Jump.Kappa) && row.Attack == task.Pgd.Name);
        PageRow Row(string network, double paper) => new($"{network}, trained without attacks", [PageCell.Of(ours.Accuracy, paper, 2)])
        {
            Why = $"Ours is the {task.NetworkName} network with {ours.Model}: the paper's number is of {network}, at a threshold that is not known to us.",
        };
        return new PageTable("Accuracy under its PGD, white box", "Network of the paper", ["accuracy"],
            [Row("WideResNet", 0.0095), Row("MobileNetV2", 0.0092)]);
    }
}
