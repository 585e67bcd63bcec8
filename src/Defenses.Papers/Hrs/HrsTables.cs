using Defenses.Metrics;
using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>The tables of the page.</summary>
internal sealed class HrsTables(HrsResults results, HrsSizes size, RunData data)
{
    private static readonly string[] s_settings = [HrsAttack.Published, HrsAttack.Repaired, HrsAttack.Eot, HrsAttack.Exact, HrsAttack.Transferred];

    internal PageTable Accuracy(string fewEpochs) => new("Table A2: accuracy", "Defense", ["accuracy", "accuracy lost, points"],
    [
        .. results.Defenses.Select(defense => new PageRow(defense.Name,
        [
            PageCell.Of(results.Accuracy[defense.Name], HrsPaper.Accuracy(defense.Name, data.Key), 2),
            defense == results.Base ? PageCell.Of("–") : PageCell.Of(ProportionDifference.Between(results.Accuracy["base"], results.Accuracy[defense.Name]),
                Loss(defense.Name), NumberUnit.Points, 2),
        ]) { Why = HrsPaper.Accuracy(defense.Name, data.Key) is not null && size.Training.Epochs < 40 ? fewEpochs : null }),
    ]) { Note = "Each test image answered once, with a fresh draw. Lost: against the base, the unprotected network." };

    internal PageTable Paths() => new($"Every path of {results.Widest.Name}", "", ["mean over all paths", "worst path", "best path", "base network"],
        [new("accuracy", [PageCell.Of(results.Paths.Mean, null, 2), PageCell.Of(results.Paths.Worst, null, 2), PageCell.Of(results.Paths.Best, null, 2),
            PageCell.Of(results.Accuracy["base"], null, 2)])]);

    internal PageTable Attacks()
    {
        var columns = results.Cells.Keys.Where(key => key.Strength == results.Headline).Select(key => (Name: key.Attack, key.Setting)).Distinct()
            .OrderBy(column => Array.IndexOf(s_settings, column.Setting)).ToArray();
        return new PageTable($"Targets missed at ε = {results.Headline}/255 (defense rate)", "Defense",
            [.. columns.Select(column => $"{column.Name}, {column.Setting}"), "worst for each image"],
        [
            .. results.Main.Select(defense => new PageRow(defense.Name,
            [
                .. columns.Select(column => PageCell.Of(
                    results.Rate(defense, column.Name, column.Setting),
                    column.Setting == HrsAttack.Published ? HrsPaper.Rate(defense.Name, column.Name, data.Key) : null, 0)),
                PageCell.Of(results.Worst(defense), null, 0),
            ])),
        ])
        {
            Note = "A dash: the attack is the same as another one on this defense. Transfer: made on networks that the attacker trained, without a look "
                + "at the defense. "
                + "The last column takes, for each image, the attack that reaches most of its targets.",
        };
    }

    internal PageTable Searches() => new("C&W in L2, by confidence κ", "Defense, view, κ", ["targets missed", "reached in the attacker's eyes",
        "mean L2 where reached"],
    [
        .. results.Main.SelectMany(defense => results.Searches[defense.Name].Select(search => new PageRow(
            FormattableString.Invariant($"{defense.Name}, {search.Setting}, κ = {search.Margin}"),
            [PageCell.Of(search.DefenseRate, null, 0), PageCell.Of(search.Claimed, null, 0), PageCell.Of(search.FooledDistance)]))),
    ])
    {
        Note = $"{size.Search.Rounds} rounds of {size.Search.Steps} steps at 0.1 (the paper: 10 of 100), the first {size.Search.Images} images towards 9 "
            + "targets each. "
            + "Missed, and the distance: by fresh draws or all paths; a target counts as reached for the distance when most of them give it.",
    };

    internal PageTable Programs() =>
        new($"RunData recognised through a program in front of the network, {TextFormat.Counted(size.Reprogramming.Epochs, "epoch", "epochs")}",
        "Network, what the attacker sees in a step", ["digits recognised"],
    [
        .. results.Programs.Select(program => new PageRow($"{program.Defense}, {program.Setting}",
            [PageCell.Of(program.Accuracy, HrsPaper.Program(program.Defense), 1)]) { Why = HrsPaper.Program(program.Defense) is null
                || size.Reprogramming.Epochs >= 50 ? null : "Fewer epochs and images for the attacker, and another network." }),
    ]) { Note = "Lower is better for the defender; 10 % is chance. Each test digit answered once by the deployed network." };

    internal PageTable Untargeted()
    {
        var attacks = results.Untargeted.Keys.Select(key => (key.Defense, key.Attack)).Distinct().ToArray();
        return new PageTable("Answers that stay right", "Defense and attack", [.. results.Strengths.Select(strength => $"ε = {strength}/255")],
        [
            .. attacks.Select(key => new PageRow($"{key.Defense}: {key.Attack}",
                [.. results.Strengths.Select(strength => PageCell.Of(results.Untargeted[(key.Defense, key.Attack, strength)].DefenseRate, null, 0))])),
        ]);
    }

    internal PageTable Gradients() => new("Deviation of gradients between draws, and mean defense rate", "Defense",
        ["of the signs", "of normalised gradients", "of raw gradients", "mean defense rate"],
    [
        .. results.Main.Concat(results.Defenses.Where(defense => HrsPaper.Deviation(defense.Name) is not null)).Distinct()
            .Select(defense => new PageRow(defense.Name,
        [
            PageCell.Of(results.Gradients[defense.Name].Sign, HrsPaper.Deviation(defense.Name)), PageCell.Of(results.Gradients[defense.Name].Normalized),
            PageCell.Of(results.Gradients[defense.Name].Raw),
            MeanRate(defense) is { } rate ? PageCell.Of(rate, HrsPaper.MeanRate(defense.Name), NumberUnit.Percent, 0) : PageCell.Of("–"),
        ]) { Why = HrsPaper.Deviation(defense.Name) is null ? null : "The paper's networks are others, presumably for CIFAR-10; compare the order." }),
    ]) { Note = $"Gradients of the first {Math.Min(HrsMeasurement.Block, size.Images)} images towards all their targets. The mean defense rate is that of "
        + "the published CW-PGD over our strengths; the paper does not list its own." };

    internal PageTable Blocks(string fewEpochs) => new($"{size.BlockChannels} channels in each block", "Blocks",
        ["paths", "accuracy", "CW-PGD, published", "CW-PGD, repaired", "CW-PGD, all paths"],
    [
        .. results.Blocks.Select(row => new PageRow($"{row.Blocks}",
        [
            PageCell.Of($"{row.Paths}"), PageCell.Of(row.Accuracy, HrsPaper.Blocks(row.Blocks, data.Key), 2),
            PageCell.Of(row.Published, HrsPaper.BlocksRate(row.Blocks, results.Headline, data.Key), 0),
            PageCell.Of(row.Repaired, null, 0), PageCell.Of(row.Exact, null, 0),
        ])
        {
            Why = HrsPaper.Blocks(row.Blocks, data.Key) is null ? "The paper's table is for CIFAR-10 (78.78, 78.74 and 74.92 % with 5 channels)." : fewEpochs,
        }),
    ]) { Note = "Targets missed at the largest ε." };

    internal double? MeanRate(HrsDefense defense)
    {
        var rates = results.Strengths.Select(strength => results.Rate(defense, "CW-PGD", HrsAttack.Published, strength)?.Rate).OfType<double>().ToArray();
        return rates.Length == results.Strengths.Count ? rates.Average() : null;
    }

    private double? Loss(string defense) => HrsPaper.Accuracy("base", data.Key) is { } plain && HrsPaper.Accuracy(defense, data.Key) is { } own ? plain - own
        : null;
}
