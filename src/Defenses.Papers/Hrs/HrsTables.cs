using Defenses.Metrics;
using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>The tables of the page.</summary>
internal sealed class HrsTables(HrsResults results, HrsSizes size, RunData data)
{
    private static readonly string[] s_settings = [HrsAttack.Published, HrsAttack.Repaired, HrsAttack.Eot, HrsAttack.Exact, HrsAttack.Transferred];

    internal PageTable Accuracy(string fewEpochs) => new("Table A2: accuracy", "Defense",
        ["accuracy", "accuracy lost, points", "deviation over evaluations, 10⁻⁴"],
    [
        .. results.Defenses.Select(defense => new PageRow(defense.Name,
        [
            PageCell.Of(results.Accuracy[defense.Name], HrsPaper.Accuracy(defense.Name, data.Key), 2),
            defense == results.Base ? PageCell.Of("–") : PageCell.Of(ProportionDifference.Between(results.Accuracy["base"], results.Accuracy[defense.Name]),
                Loss(defense.Name), NumberUnit.Points, 2),
            Spread(defense),
        ]) { Why = HrsPaper.Accuracy(defense.Name, data.Key) is not null && size.Training.Epochs < 40 ? fewEpochs : null }),
    ]) { Note = "Each test image answered once, with a fresh draw. Lost: against the base, the unprotected network. "
        + "Deviation: of the accuracy in repeated evaluations of the same images, from the draws alone; of HRS over all paths, of others from two answers." };

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
        new($"Digits recognised through a program in front of the network, {TextFormat.Counted(size.Reprogramming.Epochs, "epoch", "epochs")}",
        "Network, what the attacker sees in a step", ["digits recognised"],
    [
        .. results.Programs.Select(program => new PageRow($"{program.Defense}, {program.With}",
            [PageCell.Of(program.Accuracy, HrsPaper.Program(program.Defense, program.Kernel), 1)])
            {
                Why = HrsPaper.Program(program.Defense, program.Kernel) is null || (size.Reprogramming.Epochs >= 50 && program.IsOnMnist) ? null
                    : program.IsOnMnist ? "Fewer epochs and images for the attacker, and another network."
                    : "Other digits than the paper's MNIST, fewer epochs and images for the attacker, and another network.",
            }),
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
        ["of the signs", "of normalised gradients", "of raw gradients", "mean defense rate, PGD", "mean defense rate, CW-PGD"],
    [
        .. results.Main.Concat(results.Defenses.Where(defense => HrsPaper.GradientDeviation(defense.Name) is not null)).Distinct()
            .Select(defense => new PageRow(defense.Name,
        [
            PageCell.Of(results.Gradients[defense.Name].Sign, HrsPaper.GradientDeviation(defense.Name)),
            PageCell.Of(results.Gradients[defense.Name].Normalized),
            PageCell.Of(results.Gradients[defense.Name].Raw),
            PageCell.Of(results.MeanOfStrengths(defense, "PGD", HrsAttack.Published)?.DefenseRate, HrsPaper.MeanRate(defense.Name), 0),
            PageCell.Of(results.MeanOfStrengths(defense, "CW-PGD", HrsAttack.Published)?.DefenseRate, null, 0),
        ]) { Why = HrsPaper.GradientDeviation(defense.Name) is null ? null : "The paper's networks are others, presumably for CIFAR-10; compare the order." }),
    ]) { Note = $"Gradients of the first {Math.Min(HrsMeasurement.Block, size.Images)} images towards all their targets. The mean defense rate is that of "
        + "the published attack over our strengths; the paper's is of PGD, over strengths that it does not list." };

    internal PageTable Blocks(string fewEpochs) => new($"{TextFormat.Counted(size.BlockChannels, "channel", "channels")} in each block", "Blocks",
        ["paths", "accuracy", .. results.Strengths.Select(strength => $"{strength}/255"), $"repaired, {results.Headline}/255",
            $"all paths, {results.Headline}/255"],
    [
        .. results.Blocks.Select(row => new PageRow($"{row.Blocks}",
        [
            PageCell.Of($"{row.Paths}"), PageCell.Of(row.Accuracy, HrsPaper.Blocks(row.Blocks, data.Key), 2),
            .. results.Strengths.Select(strength =>
                PageCell.Of(row.Published[strength].DefenseRate, HrsPaper.BlocksRate(row.Blocks, strength, data.Key), 0)),
            PageCell.Of(row.Repaired.DefenseRate, null, 0), PageCell.Of(row.Exact.DefenseRate, null, 0),
        ])
        {
            Why = HrsPaper.Blocks(row.Blocks, data.Key) is null ? "The paper's table is for CIFAR-10 (78.78, 78.74 and 74.92 % with 5 channels)." : fewEpochs,
        }),
    ])
    {
        Groups = [null, null, .. results.Strengths.Select(_ => "targets missed, CW-PGD as published"), .. Enumerable.Repeat("under stronger attacks", 2)],
        Note = "The paper prints the share of targets reached; here, as everywhere on this page, the share missed.",
    };

    private PageCell Spread(HrsDefense defense) => results.Answers.TryGetValue(defense.Name, out var answers) && answers.Deviation is { } spread
        ? PageCell.Of(new Estimate(1e4 * spread.Value, 1e4 * spread.Lower, 1e4 * spread.Upper), HrsPaper.Deviation(defense.Name, data.Key),
            NumberUnit.Decimals, 2) : PageCell.Of("–");

    private double? Loss(string defense) => HrsPaper.Accuracy("base", data.Key) is { } plain && HrsPaper.Accuracy(defense, data.Key) is { } own ? plain - own
        : null;
}
