using Defenses.Metrics;
using Defenses.Statistics;
using static Defenses.Papers.TextFormat;

namespace Defenses.Papers;

/// <summary>Claims about examples that are sent to a model whose weights the attacker does not know (figures 3 and 4).</summary>
internal sealed class SpikingTransferClaims(SpikingResults results)
{
    private const string Plain = SpikingClaims.Plain, Spiking = SpikingClaims.Spiking, Augmented = SpikingClaims.Augmented, Rival = "dropout-adv";

    private readonly IReadOnlyList<TransferCase> _sent = results.Cases(validated: true);

    internal IEnumerable<PaperClaim> All() =>
    [
        .. Less(Spiking, [Plain], "figure 3"), .. Less(Augmented, SpikingClaims.Compared(results, Augmented), "figures 3 and 4"),
        .. Less(Augmented, [Rival], "figures 3 and 4"), .. FromOthers(),
    ];

    // Each scheme is attacked by examples of its own, others in each: their images differ.
    private IEnumerable<PaperClaim> Less(string own, string[] others, string where)
    {
        var rivals = others.Where(other => SpikingClaims.Has(results, own, other)).ToArray();
        if (rivals.Length == 0) yield break;
        var mine = Rate(own, own);
        var gains = rivals.Select(other => (Name: other, Rate: Rate(other, other))).Select(each => (each.Name, each.Rate,
            Less: mine is null || each.Rate is null ? (Interval?)null : ProportionDifference.Between(each.Rate, mine).Interval)).ToArray();
        yield return PaperClaim.All($"Validated examples reach their target on an unseen model of {own} less often than of {(rivals is [var only] ? only
            : "every other scheme")}", where, $"{own} {Words(mine)}; {string.Join("; ", gains.Select(each => $"{each.Name} {Words(each.Rate)}"))}",
            [.. gains.Select(each => (each.Less ?? Interval.Unbounded, new Interval(0, 0)))]);
    }

    // The same examples on both, image by image; made on neither, for each is fooled best by its own.
    private IEnumerable<PaperClaim> FromOthers()
    {
        if (!SpikingClaims.Has(results, Plain, Augmented)) yield break;
        var makers = SpikingClaims.Compared(results, Plain, Augmented).Where(scheme =>
            DefenseScheme.Named(scheme).AttackedAs == scheme && Rate(scheme, Plain) is not null).ToArray();
        if (makers.Length == 0) yield break;
        var places = makers.Select(maker => (Maker: maker, Less: PairedShares.Difference(Shares(maker, Plain), Shares(maker, Augmented)))).ToArray();
        yield return PaperClaim.All($"Validated examples made on any third scheme reach their target on {Augmented} less often than on {Plain}", "figure 4",
            string.Join("; ", places.Select(each => $"made on {each.Maker}: {Augmented} {Words(Rate(each.Maker, Augmented))}, {Plain} "
                + $"{Words(Rate(each.Maker, Plain))}, {Points(each.Less)} points less")),
            [.. places.Select(each => (each.Less.Interval, new Interval(0, 0)))]);
    }

    private double[] Shares(string crafted, string tested) =>
        [.. SpikingTables.Of(_sent, crafted, tested).GroupBy(each => each.Image).OrderBy(image => image.Key)
            .Select(image => image.Average(each => each.Success))];

    private Proportion? Rate(string crafted, string tested) => Transferability.Rate(SpikingTables.Of(_sent, crafted, tested));

    private static string Words(Proportion? rate) => rate is null ? "– (none was sent)" : Ranged(rate);
}
