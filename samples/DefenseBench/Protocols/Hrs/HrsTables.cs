using Defenses.Evaluation.Reporting.Pages;
using Defenses.Metrics;
using Defenses.Statistics;

namespace DefenseBench.Protocols.Hrs;

/// <summary>The tables of the page.</summary>
internal sealed class HrsTables(HrsResults results, HrsSizes size, Digits data)
{
    internal PageTable Accuracy(string fewEpochs) => new("Table A2: accuracy", "Defense", ["accuracy", "lost against the base"],
    [
        .. results.Defenses.Select(defense => new PageRow(defense.Name,
        [
            PageCell.Of(results.Accuracy[defense.Name], HrsPaper.Accuracy(defense.Name, data.Key), 2),
            defense == results.Base ? PageCell.Of("–") : PageCell.Of(ProportionDifference.Between(results.Accuracy["base"], results.Accuracy[defense.Name]), Loss(defense.Name), NumberUnit.Points, 2),
        ]) { Why = HrsPaper.Accuracy(defense.Name, data.Key) is not null && size.Training.Epochs < 40 ? fewEpochs : null }),
    ]) { Note = "Each test image answered once, with a fresh draw." };

    internal PageTable Paths() => new($"Every path of {results.Widest.Name}", "", ["mean over all paths", "worst path", "best path", "base network"],
        [new("accuracy", [PageCell.Of(results.Paths.Mean, null, 2), PageCell.Of(results.Paths.Worst, null, 2), PageCell.Of(results.Paths.Best, null, 2), PageCell.Of(results.Accuracy["base"], null, 2)])]);

    internal PageTable Attacks()
    {
        var columns = HrsAttack.Plain(size).Concat(HrsAttack.Adaptive(size)).Select(attack => (attack.Name, attack.Setting)).ToArray();
        return new PageTable($"Targets missed at ε = {results.Headline}/255", "Defense", [.. columns.Select(column => $"{column.Name}, {column.Setting}")],
        [
            .. results.Main.Select(defense => new PageRow(defense.Name, [.. columns.Select(column => PageCell.Of(
                results.Rate(defense, column.Name, column.Setting), column.Setting == HrsAttack.Published ? HrsPaper.Rate(defense.Name, column.Name, data.Key) : null, 0))])),
        ]) { Note = "A dash: the attack is the same as another one on this defense." };
    }

    internal PageTable Untargeted()
    {
        var attacks = results.Untargeted.Keys.Select(key => (key.Defense, key.Attack)).Distinct().ToArray();
        return new PageTable("Answers that stay right", "Defense and attack", [.. results.Strengths.Select(strength => $"ε = {strength}/255")],
        [
            .. attacks.Select(key => new PageRow($"{key.Defense}: {key.Attack}", [.. results.Strengths.Select(strength => PageCell.Of(results.Untargeted[(key.Defense, key.Attack, strength)].DefenseRate, null, 0))])),
        ]);
    }

    internal PageTable Gradients() => new("Deviation of gradients and mean defense rate", "Defense", ["signs", "normalised", "raw", "mean defense rate"],
    [
        .. results.Main.Concat(results.Defenses.Where(defense => HrsPaper.Deviation(defense.Name) is not null)).Distinct().Select(defense => new PageRow(defense.Name,
        [
            PageCell.Of(results.Gradients[defense.Name].Sign, HrsPaper.Deviation(defense.Name)), PageCell.Of(results.Gradients[defense.Name].Normalised), PageCell.Of(results.Gradients[defense.Name].Raw),
            MeanRate(defense) is { } rate ? PageCell.Of(rate, HrsPaper.MeanRate(defense.Name), NumberUnit.Percent, 0) : PageCell.Of("–"),
        ]) { Why = HrsPaper.Deviation(defense.Name) is null ? null : "The paper's networks are others, presumably for CIFAR-10; compare the order." }),
    ]) { Note = "The mean defense rate is that of the published CW-PGD over our strengths; the paper does not list its own." };

    internal PageTable Efficiency(string setting)
    {
        string[] attacks = setting == HrsAttack.Published ? ["FGSM", "PGD", "CW-PGD"] : ["PGD", "CW-PGD"];
        var means = attacks.ToDictionary(attack => attack, attack => Means(attack, setting));
        return new PageTable($"Mean DES, {setting} attacks", "Defense", attacks,
        [
            .. HrsProtocol.Families.Select(family => new PageRow(family, [.. attacks.Select(attack => Score(means[attack][family], setting == HrsAttack.Published ? HrsPaper.Score(family, attack, data.Key) : null))])
            {
                Why = setting == HrsAttack.Published ? "Other strengths, fewer channels and a less accurate base: η = 0.002 decides the score where little accuracy is lost." : null,
            }),
        ]) { Note = "Without a range, the accuracy lost may be nothing within its interval, and any score is possible." };
    }

    internal PageTable Blocks(string fewEpochs) => new($"{size.BlockChannels} channels in each block", "Blocks", ["accuracy", "CW-PGD, published", "CW-PGD, repaired"],
    [
        .. results.Blocks.Select(row => new PageRow($"{row.Blocks}", [PageCell.Of(row.Accuracy, HrsPaper.Blocks(row.Blocks, data.Key), 2), PageCell.Of(row.DefenseRate, null, 0), PageCell.Of(row.Repaired, null, 0)])
        {
            Why = HrsPaper.Blocks(row.Blocks, data.Key) is null ? "The paper's table is for CIFAR-10 (78.78, 78.74 and 74.92 % with 5 channels)." : fewEpochs,
        }),
    ]);

    internal double? MeanRate(HrsDefense defense)
    {
        var rates = results.Strengths.Select(strength => results.Rate(defense, "CW-PGD", HrsAttack.Published, strength)?.Rate).OfType<double>().ToArray();
        return rates.Length == results.Strengths.Count ? rates.Average() : null;
    }

    private Dictionary<string, MeanEfficiency> Means(string attack, string setting)
    {
        var sweeps = HrsProtocol.Families.ToDictionary(family => family, family => results.Sweep(family, attack, setting));
        var range = EfficiencySweep.CommonRange([.. sweeps.Values]);
        return sweeps.ToDictionary(sweep => sweep.Key, sweep => EfficiencySweep.Mean(sweep.Value, results.Rate(results.Base, attack, setting)!, results.Accuracy["base"], range));
    }

    private static PageCell Score(MeanEfficiency mean, double? paper) => new()
    {
        Value = mean.Value, Range = mean.Range, Paper = paper, Text = mean.Value is null ? "none in the common range" : $"({mean.Strengths.Count} strengths)",
    };

    private double? Loss(string defense) => HrsPaper.Accuracy("base", data.Key) is { } plain && HrsPaper.Accuracy(defense, data.Key) is { } own ? plain - own : null;
}
