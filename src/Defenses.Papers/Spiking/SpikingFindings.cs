using Defenses.Metrics;
using Defenses.Pages;
using Defenses.Statistics;
using static Defenses.Papers.SpikingResults;
using static Defenses.Papers.TextFormat;

namespace Defenses.Papers;

/// <summary>What the numbers say. Attacks on the same images are compared image by image; examples that were sent are others in each scheme.</summary>
internal sealed class SpikingFindings(SpikingSizes sizes, SpikingResults results)
{
    private readonly IReadOnlyList<TransferCase> _sent = results.Cases(validated: true), _all = results.Cases(validated: false);

    internal string Title()
    {
        var untrained = results.Untrained;
        if (untrained.Contains("standard")) return $"Models of {string.Join(", ", untrained)} have not learnt their task: nothing follows";
        if (sizes.Schemes.Except(untrained).FirstOrDefault(name => DefenseScheme.Named(name).Spikes) is { } spiking
            && OverStandard(spiking) is var (more, words))
            return $"{(more.Upper < 0 ? "Random spiking hinders transfer" : more.Lower > 0 ? "Random spiking does not hinder transfer"
                : "No gain of random spiking against transfer is seen")}: {words}";
        var rates = sizes.Schemes.Except(untrained).Select(scheme => (Scheme: scheme, Rate: Within(_sent, scheme))).Where(each => each.Rate is not null)
            .ToArray();
        if (rates.Length == 0) return "No example passed the attacker's validation";
        var (most, least) = (rates.MaxBy(each => each.Rate!.Rate), rates.MinBy(each => each.Rate!.Rate));
        return most.Rate!.Lower > least.Rate!.Upper
            ? $"Validated examples transfer to an unseen model of {least.Scheme} less ({Ranged(least.Rate)}) than of {most.Scheme} ({Ranged(most.Rate)})"
            : $"Validated examples transfer to unseen models of every scheme, from {Percent(least.Rate)} ({least.Scheme}) to {Percent(most.Rate)} "
                + $"({most.Scheme}); their intervals overlap";
    }

    internal IEnumerable<Finding> All() =>
    [
        .. Doubts(), .. Cost(), .. sizes.Schemes.Where(name => DefenseScheme.Named(name).Spikes).SelectMany(Spiking), .. Augmented(), .. Refusing(),
        .. Voting(), .. Region(),
    ];

    private IEnumerable<Finding> Doubts()
    {
        if (results.Untrained is { Length: > 0 } untrained)
            yield return new(Severity.Invalid, "Models have not learnt",
                $"Models of {string.Join(", ", untrained)} recognise less than {100 * TrainedWell.LeastAccuracy:0} % of the test images; attacks on them, "
                + "and examples made on them, mean nothing.", TrainedWell.Advice);
        if (sizes.Attacked < 100)
            yield return new(Severity.Warning, "Few images",
                $"{Counted(sizes.Attacked, "image was", "images were")} attacked, with {Counted(sizes.Models.Surrogates, "surrogate", "surrogates")} "
                + "where the paper has 8: intervals are wide and the attacker is weaker than the paper's.",
                "Take more (--images), or run the preset 'paper', before believing an order.");
    }

    private IEnumerable<Finding> Cost()
    {
        if (Of("standard") is not { } plain || Of("RS-1") is not { } spiking) yield break;
        var lost = ProportionDifference.Between(plain.Deployed, spiking.Deployed);
        var words = $"As deployed RS-1 recognises {Ranged(spiking.Deployed)} of the test images, the standard network {Ranged(plain.Deployed)}; by one "
            + $"draw RS-1 recognises {Ranged(spiking.Once)}.";
        yield return lost.Lower > 0
            ? new(Severity.Note, "Random spiking costs accuracy", words, "Compare with the networks' deviation in the table.", "RS-1")
            : new(Severity.Note, "What random spiking costs is within chance", words, "Measure on more images to tell.", "RS-1");
    }

    private IEnumerable<Finding> Spiking(string scheme)
    {
        foreach (var one in results.WhiteBox.Where(each => each.Scheme == scheme && each.View == SpikingAttacks.OneDraw))
            if (results.WhiteBox.FirstOrDefault(each => each.Scheme == scheme && each.View != SpikingAttacks.OneDraw && each.Margin == one.Margin)
                is { } averaged && averaged.Verdicts.More(one.Verdicts).Lower > 0)
                yield return new(Severity.Warning, $"One draw is a weak attack on {scheme}",
                    $"At κ = {Text(one.Margin)} C&W with one noise sample, the setting of the paper's samples, reaches its target in "
                        + $"{Ranged(one.Verdicts.Success)}; averaging over {sizes.EotDraws} draws in {Ranged(averaged.Verdicts.Success)}.",
                    "Read the white-box numbers of the averaging attacker.", scheme);
        if (Within(_sent, scheme) is { } with && Within(_all, scheme) is { } without && with.Lower > without.Upper)
            yield return new(Severity.Note, $"Validation makes transfer to {scheme} likelier",
                $"{Ranged(with)} of validated examples transfer, {Ranged(without)} of all.", "Judge by validated examples, as the paper does.", scheme);
        if (OverStandard(scheme) is not var (more, words)) yield break;
        var against = $"{words}. The paper says that random spiking hinders transfer.";
        yield return more.Upper < 0
            ? new(Severity.Note, $"Examples transfer less to {scheme}", $"{words}, as the paper says.", "Look at the table by distance, too.", scheme)
            : more.Lower > 0
            ? new(Severity.Warning, $"Examples transfer more to {scheme}", against, "Do not count on it against transfer.", scheme)
            : new(Severity.Note, $"No clear gain of {scheme} against transfer", against, "More images and surrogates are needed to tell.", scheme);
    }

    private IEnumerable<Finding> Augmented()
    {
        if (Within(_sent, "RS-1") is not { } plain || Within(_sent, "RS-1-adv") is not { } own) yield break;
        var words = $"Validated examples reach their target on an unseen model of RS-1-adv in {Ranged(own)}, of RS-1 in {Ranged(plain)}.";
        var less = ProportionDifference.Between(plain, own);
        yield return less.Lower > 0
            ? new(Severity.Note, "Augmentation adds to random spiking", words, "Compare the accuracies, too.", "RS-1-adv")
            : less.Upper < 0
            ? new(Severity.Warning, "Examples transfer more to RS-1-adv than to RS-1", words, "Do not count on augmentation against transfer.", "RS-1-adv")
            : new(Severity.Note, "What augmentation adds is not seen", $"{words} That may be chance.",
                "More images, and as many added examples as in the paper, are needed to tell.", "RS-1-adv");
    }

    private IEnumerable<Finding> Refusing()
    {
        foreach (var blind in results.WhiteBox.Where(each => each.View == SpikingAttacks.Unseen))
            if (results.WhiteBox.FirstOrDefault(each => each.Scheme == blind.Scheme && each.View == SpikingAttacks.Seen && each.Margin == blind.Margin)
                is { } knowing)
                yield return knowing.Verdicts.More(blind.Verdicts).Lower > 0
                    ? new(Severity.Warning, $"{blind.Scheme}'s detectors do not stop who knows them",
                        $"At κ = {Text(blind.Margin)} C&W reaches its target unrefused in {Ranged(blind.Verdicts.Success)}; holding the detectors' scores "
                        + $"down as well, in {Ranged(knowing.Verdicts.Success)}.", "Read the numbers of the attacker who knows the detectors.", blind.Scheme)
                    : new(Severity.Note, $"Knowing {blind.Scheme}'s detectors makes no clear difference at κ = {Text(blind.Margin)}",
                        $"C&W reaches its target unrefused in {Ranged(blind.Verdicts.Success)} without, and in {Ranged(knowing.Verdicts.Success)} with "
                        + "the detectors in its goal.", "Longer attacks and several reformers at once did break it (Carlini and Wagner 2017).", blind.Scheme);
    }

    private IEnumerable<Finding> Voting()
    {
        foreach (var scheme in sizes.Schemes)
            if (Of(scheme) is { } mean && Of(DefenseScheme.ByVote(scheme)) is { } vote && ProportionDifference.Between(mean.Deployed,
                vote.Deployed) is var lost)
                yield return new(Severity.Note, lost.Lower > 0 || lost.Upper < 0
                    ? $"Votes of {scheme} are {(lost.Value > 0 ? "less" : "more")} accurate than its mean"
                    : $"Voting or averaging the draws of {scheme}: no difference beyond chance in accuracy",
                    $"{Ranged(mean.Deployed)} of the test images are recognised by the mean of {SchemeModel.DecisionDraws} draws, {Ranged(vote.Deployed)} "
                        + $"by their vote; validated examples reach their target in {Maybe(Within(_sent, scheme))} by the mean, in "
                        + $"{Maybe(Within(_sent, vote.Scheme))} by the vote.",
                    "The paper has both; the mean also tells how sure it is.", vote.Scheme);
    }

    private IEnumerable<Finding> Region()
    {
        foreach (var scheme in sizes.Schemes.Where(name => DefenseScheme.Named(name).AsksRegion))
        {
            var own = results.WhiteBox.Where(each => each.Scheme == scheme && each.View != SpikingAttacks.Around).OrderBy(each => each.Margin).ToArray();
            if (own.Length > 1 && own[^1].Verdicts.More(own[0].Verdicts).Lower > 0)
                yield return new(Severity.Warning, "A modest confidence outvotes the region",
                    $"Examples of the standard network reach their target in {Ranged(own[0].Verdicts.Success)} at κ = {Text(own[0].Margin)}, in "
                    + $"{Ranged(own[^1].Verdicts.Success)} at κ = {Text(own[^1].Margin)}.", "Attack votes with confidence.", scheme);
            if (own.Length == 0 || results.WhiteBox.FirstOrDefault(each => each.Scheme == scheme
                && each.View == SpikingAttacks.Around) is not { } around) continue;
            var words = $"C&W on the standard network reaches its target in {Ranged(own[0].Verdicts.Success)} at κ = {Text(own[0].Margin)}, "
                + $"{SpikingAttacks.Around} in {Ranged(around.Verdicts.Success)}.";
            yield return around.Verdicts.More(own[0].Verdicts).Lower > 0
                ? new(Severity.Warning, $"{SpikingAttacks.Around} gets past the region's vote", words,
                    "Read the numbers of the attacker who knows of the region.", scheme)
                : new(Severity.Note, $"{SpikingAttacks.Around} makes no clear difference", words, "More images, or more steps, tell more.", scheme);
        }
    }

    // How much more often the validated examples reach an unseen model of the scheme than one of the standard scheme.
    private (Estimate More, string Words)? OverStandard(string scheme)
    {
        if (Within(_sent, scheme) is not { } own || Within(_sent, "standard") is not { } plain) return null;
        var more = ProportionDifference.Between(own, plain);
        return (more, $"{Ranged(own)} of the validated examples reach their target on an unseen model of {scheme}, {Ranged(plain)} on one of the standard "
            + $"scheme ({Points(more)} points)");
    }

    private SchemeAccuracy? Of(string scheme) => results.Accuracy.FirstOrDefault(each => each.Scheme == scheme);

    private static Proportion? Within(IReadOnlyList<TransferCase> cases, string scheme) =>
        Transferability.Rate([.. cases.Where(each => each.Crafted == scheme && each.Tested == scheme)]);

    private static string Maybe(Proportion? rate) => rate is null ? "– (none was sent)" : Ranged(rate);
}
