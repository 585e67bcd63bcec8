using Defenses.Statistics;
using static Defenses.Papers.TextFormat;

namespace Defenses.Papers;

/// <summary>Claims about the share of targets that the widest switching network keeps from an attacker, against other defenses.</summary>
internal sealed class HrsHoldingClaims(HrsResults results, string dataSet)
{
    private const double FewTargets = 0.05;   // "all attacks succeed" is printed without decimals

    private HrsDefense Own => results.Widest;

    private IReadOnlyList<HrsDefense> Random =>
        [.. results.Main.Where(defense => defense.Model.IsRandom && defense.Family != "HRS" && results.HasLearnt(defense))];

    private IReadOnlyList<HrsDefense> Rivals => [results.Base, .. Random];

    private string At => $"ε = {results.Headline}/255";

    internal IEnumerable<PaperClaim> Published() =>
    [
        .. Most("under PGD as published", "text, figure 2", defense => results.Cell(defense, "PGD", HrsAttack.Published), Rivals),
        .. Most("under CW-PGD as published", "text, figure 2", defense => results.Cell(defense, "CW-PGD", HrsAttack.Published), Rivals),
        .. Most("in the mean over strengths, under PGD as published", "table 1", defense => results.MeanOfStrengths(defense, "PGD", HrsAttack.Published),
            Rivals),
        .. Most("under CW-PGD that averages over draws (EOT, valid steps)", "text on EOT", defense => results.Cell(defense, "CW-PGD", HrsAttack.Eot), Random),
        .. Searched("one draw", "text on C&W"), .. Channels(), .. OthersFall(),
    ];

    internal IEnumerable<PaperClaim> Stronger() =>
    [
        .. Most("under CW-PGD on all paths (the others: EOT)", At,
            defense => results.Cell(defense, "CW-PGD", defense == Own ? HrsAttack.Exact : HrsAttack.Eot), Random),
        .. Most("under the attack that is worst for each image", At, results.WorstByImage, Random),
        .. Above("the unprotected network under the attack that is worst for each image", At, results.WorstByImage, [results.Base]),
        .. Above("adversarial training under the attack that is worst for each image", At, results.WorstByImage,
            [.. results.Main.Where(defense => defense.Family == "adv. training" && results.HasLearnt(defense))]),
        .. Searched(HrsAttack.Exact, "C&W, all paths"), .. AnyWrongClass(),
    ];

    private IEnumerable<PaperClaim> Most(string when, string where, Func<HrsDefense, SuccessRates?> rates, IReadOnlyList<HrsDefense> rivals) => Above(
        $"{(rivals.Contains(results.Base) ? "the unprotected network and every other random defense" : "every other random defense")} {when}", where, rates,
        rivals);

    private IEnumerable<PaperClaim> Above(string whom, string where, Func<HrsDefense, SuccessRates?> rates, IReadOnlyList<HrsDefense> rivals)
    {
        var others = rivals.Select(defense => (defense.Name, Rates: rates(defense))).Where(other => other.Rates is not null)
            .Select(other => (other.Name, other.Rates!)).ToArray();
        if (others.Length > 0 && rates(Own) is { } own) yield return Claim($"HRS holds more targets than {whom}", where, [("", own, others)]);
    }

    // In one or several places, such as a confidence each.
    private PaperClaim Claim(string text, string where, IReadOnlyList<(string When, SuccessRates Own, (string Name, SuccessRates Rates)[] Others)> places) =>
        PaperClaim.All(text, where, string.Join("; ", places.Select(place => place.When + HrsClaims.Words(Own.Name, place.Own, place.Others))),
        [
            .. places.SelectMany(place => place.Others.Select(other => (SuccessRates.Gain(place.Own, other.Rates).Interval, new Interval(0, 0)))),
        ]);

    // Others that draw see one draw, the base is one network.
    private IEnumerable<PaperClaim> Searched(string setting, string where)
    {
        var places = results.Searches.GetValueOrDefault(Own.Name, []).Where(search => search.Setting == setting).Select(own =>
            ($"κ {Text(own.Margin)}: ", own.ByImage, Rivals.SelectMany(rival => results.Searches.GetValueOrDefault(rival.Name, [])
                .Where(search => search.Margin == own.Margin && search.Setting != HrsAttack.Exact).Select(search => (rival.Name, search.ByImage))).ToArray()))
            .Where(place => place.Item3.Length > 0).ToArray();
        if (places.Length > 0)
            yield return Claim("HRS holds more targets than the unprotected network and every other random defense under C&W in L2, at every κ", where, places);
    }

    private IEnumerable<PaperClaim> Channels()
    {
        var family = results.Defenses.Where(defense => defense.Family == "HRS" && results.HasLearnt(defense))
            .Select(defense => (defense.Name, Rates: results.Cell(defense, "CW-PGD", HrsAttack.Published)!)).ToArray();
        if (family.Length < 2) yield break;
        var steps = family.Skip(1).Zip(family, (more, fewer) => (more.Name, more.Rates, Gain: SuccessRates.Gain(more.Rates, fewer.Rates))).ToArray();
        yield return PaperClaim.All($"More channels hold more targets (CW-PGD as published, {At})", "table 1",
            $"{family[0].Name} {Ranged(family[0].Rates.DefenseRate)}; "
                + string.Join("; ", steps.Select(step => $"{step.Name} {Ranged(step.Rates.DefenseRate)}, {Points(step.Gain)} points more")),
            [.. steps.Select(step => (step.Gain.Interval, new Interval(0, 0)))]);
    }

    private IEnumerable<PaperClaim> OthersFall()
    {
        if (dataSet != "cifar10" || results.Headline != 8 || Random.Count == 0) yield break;
        var rates = Random.SelectMany(defense => new[] { "PGD", "CW-PGD" }.Select(attack => (Name: $"{defense.Name}, {attack}",
            Rate: results.Rate(defense, attack, HrsAttack.Published)!))).ToArray();
        yield return PaperClaim.All("At 8/255 all attacks on the other random defenses succeed (judged: fewer than 5 % of targets are missed)", "text on 8/255",
            "missed: " + string.Join("; ", rates.Select(rate => $"{rate.Name} {Ranged(rate.Rate)}")),
            [.. rates.Select(rate => (new Interval(FewTargets, FewTargets), rate.Rate.Interval))]);
    }

    // The worst for each image of both attacks on all paths.
    private IEnumerable<PaperClaim> AnyWrongClass()
    {
        SuccessRates? Mean(HrsDefense defense, params string[] attacks)
        {
            var cells = results.Strengths.Select(strength => attacks.Select(attack => results.Untargeted.GetValueOrDefault((defense.Name, attack, strength)))
                .OfType<SuccessRates>().ToArray()).ToArray();
            return cells.All(some => some.Length == attacks.Length) ? SuccessRates.Mean([.. cells.Select(SuccessRates.Worst)]) : null;
        }
        if (Mean(Own, "CW-PGD, all paths", "ARC, all paths") is { } own && Mean(results.Base, "CW-PGD") is { } plain)
            yield return Claim("HRS gives more right answers than the unprotected network where any wrong class will do", "any wrong class, all paths, mean "
                + "over strengths", [("", own, [(results.Base.Name, plain)])]);
    }
}
