using Defenses.Statistics;
using static Defenses.Papers.TextFormat;

namespace Defenses.Papers;

/// <summary>Claims about gradients, accuracy, and the efficiency that weighs gain against cost.</summary>
internal sealed class HrsCostClaims(HrsResults results, string dataSet)
{
    private const double Little = 0.01;
    private readonly HrsEfficiency _efficiency = new(results, dataSet);

    private HrsDefense Own => results.Widest;

    internal IEnumerable<PaperClaim> All() => [.. Gradients(), .. Accuracy(), .. Efficiency()];

    private IEnumerable<PaperClaim> Gradients()
    {
        var random = results.Main.Where(defense => defense.Model.IsRandom && defense != Own && results.HasLearnt(defense)).ToArray();
        var gains = random.Select(defense => (defense.Name, Spread: results.Gradients[defense.Name].Sign, Gain: Difference(defense))).ToArray();
        if (gains.Length > 0)
            yield return PaperClaim.All("The gradients of HRS deviate more between draws than those of every other random defense", "table 1",
                $"{Own.Name} {Ranged(results.Gradients[Own.Name].Sign, 2)}; "
                    + string.Join("; ", gains.Select(each => $"{each.Name} {Ranged(each.Spread, 2)}, less by {Ranged(each.Gain, 2)}")),
                [.. gains.Select(each => (each.Gain.Interval, new Interval(0, 0)))]);
        var compared = results.Defenses.Where(defense => defense.Family != "adv. training" && results.HasLearnt(defense)).ToArray();
        if (results.Related(compared) is { } related)
            yield return PaperClaim.Positive("The more the gradients deviate, the more targets are missed (CW-PGD as published)", "table 1",
                $"correlation over {compared.Length} defenses {Ranged(related, 2)}", related.Interval);
    }

    // Image by image, each over its targets.
    private Estimate Difference(HrsDefense other)
    {
        double[] Of(HrsDefense defense) => [.. results.Gradients[defense.Name].ByExample.Chunk(HrsSearch.Targets).Select(image => image.Average())];
        return SampleMean.StudentT([.. Of(Own).Zip(Of(other), (own, rival) => own - rival)]);
    }

    private IEnumerable<PaperClaim> Accuracy()
    {
        if (results.Answers.GetValueOrDefault(results.Base.Name) is not { } plain || results.Answers.GetValueOrDefault(Own.Name) is not { } own) yield break;
        var lost = PairedShares.Difference(plain.Share, own.Share);
        var words = FormattableString.Invariant(
            $"base {100 * plain.Rate.Rate:0.00}\u202F%, {Own.Name} over all paths {100 * own.Rate.Rate:0.00}\u202F%: {Points(lost, 2)} points lost");
        var (largest, set) = HrsPaper.LargestLoss(dataSet);
        yield return PaperClaim.Above("HRS costs little accuracy (judged: less than one point)", "table A2", words, new Interval(Little, Little),
            lost.Interval);
        yield return PaperClaim.Above(FormattableString.Invariant($"HRS costs no more accuracy than the paper prints: {100 * largest:0.00} points on {set}"),
            "table A2", words, new Interval(largest, largest), lost.Interval);
    }

    private IEnumerable<PaperClaim> Efficiency()
    {
        string[] all = ["FGSM", "PGD", "CW-PGD"];
        var isColor = dataSet == "cifar10";
        var where = isColor ? "table 2" : "table 2, MNIST";
        if (Has("dropout")) yield return Better("HRS", "dropout", all, where);
        if (Has("Gaussian")) yield return Better("HRS", "Gaussian", isColor ? all : ["FGSM", "PGD"], where);
        if (Has("Gaussian") && !isColor) yield return Better("Gaussian", "HRS", ["CW-PGD"], where);
        if (Has("adv. training")) yield return Better("HRS", "adv. training", all, isColor ? where : "table 2, CIFAR-10");
    }

    private bool Has(string family) => results.Defenses.Any(defense => defense.Family == family);

    private PaperClaim Better(string more, string less, string[] attacks, string where)
    {
        var scores = attacks.Select(attack => (Attack: attack, More: _efficiency.Mean(more, attack), Less: _efficiency.Mean(less, attack))).ToArray();
        return PaperClaim.All($"{more} has a larger mean DES than {less} under {string.Join(", ", attacks)} as published", where,
            string.Join("; ", scores.Select(score => $"{score.Attack}: {more} {score.More.Text}, {less} {score.Less.Text}")),
            [.. scores.Select(score => (score.More.Range, score.Less.Range))]);
    }
}
