using Defenses.Metrics;
using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>Table 2 of the paper: the mean efficiency of each family of defenses over its strengths.</summary>
internal sealed class HrsEfficiency(HrsResults results, string dataSet)
{
    private static readonly string[] s_families = ["dropout", "Gaussian", "adv. training", "HRS"];

    private string[] Families => [.. s_families.Where(family => results.Defenses.Any(defense => defense.Family == family))];

    /// <summary>The mean score of a family in words, with its interval; the interval holds every number where there is no mean.</summary>
    internal (string Text, Interval Range) Mean(string family, string attack)
    {
        var mean = Mean(family, attack, HrsAttack.Published, CommonRange(Families, attack, HrsAttack.Published));
        if (mean.Value is not { } value || Free(mean) > 0) return ("none", Interval.Unbounded);
        return mean.Range is { } range ? (TextFormat.Ranged(new Estimate(value, range.Lower, range.Upper), 0), range)
            : ($"{TextFormat.Rounded(value, 0)} without bounds", Interval.Unbounded);
    }

    internal PageTable Table(string setting)
    {
        string[] attacks = setting == HrsAttack.Published ? ["FGSM", "PGD", "CW-PGD"] : ["PGD", "CW-PGD"];
        var (families, published) = (Families, setting == HrsAttack.Published);
        var ranges = attacks.ToDictionary(attack => attack, attack => CommonRange(families, attack, setting));
        return new PageTable($"Mean DES, {setting} attacks", "Defense", attacks,
        [
            .. families.Select(family => new PageRow(family,
                [.. attacks.Select(attack => Score(Mean(family, attack, setting, ranges[attack]), published ? HrsPaper.Score(family, attack, dataSet)
                : null))])
            {
                Why = published && HrsPaper.Score(family, attacks[0], dataSet) is not null
                    ? "Other strengths, fewer channels and a less accurate base: η = 0.002 decides the score where little accuracy is lost." : null,
            }),
        ])
        {
            Note = string.Concat(attacks.Where(attack => ranges[attack] is null)
                .Select(attack => $"{attack}: the families share no defense rate, so all strengths count. "))
                + "Without a range, the accuracy lost may be nothing within its interval, and any score is possible. A strength that recognises more than "
                    + "the base by η or more has a score below 0 for what is pure gain: no mean is taken then.",
        };
    }

    // Of the families with more than one strength: a single one would leave a point.
    private Interval? CommonRange(string[] families, string attack, string setting) =>
        families.Select(family => results.Sweep(family, attack, setting)).Where(sweep => sweep.Count > 1).ToArray() is { Length: > 0 } sweeps
            ? EfficiencySweep.CommonRange(sweeps) : null;

    private MeanEfficiency Mean(string family, string attack, string setting, Interval? range)
    {
        var sweep = results.Sweep(family, attack, setting);
        return EfficiencySweep.Mean(sweep, results.Rate(results.Base, attack, setting)!, results.Accuracy["base"], sweep.Count > 1 ? range : null);
    }

    // Where a strength gains and loses nothing the score is negative, and its mean with others says nothing of either.
    private static PageCell Score(MeanEfficiency mean, double? paper)
    {
        var (strengths, free) = (mean.Strengths.Count, Free(mean));
        return free > 0
            ? new() { Paper = paper, Text = $"no score: no accuracy lost at {free} of {strengths}" }
            : new() { Value = mean.Value, Range = mean.Range, Paper = paper, Text = mean.Value is null ? "none in the common range"
                : $"({TextFormat.Counted(strengths, "strength", "strengths")})" };
    }

    private static int Free(MeanEfficiency mean) => mean.Scores.Count(score => score.AccuracyLoss.Value <= -score.Eta);
}
