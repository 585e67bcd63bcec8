using Defenses.Statistics;
using static Defenses.Papers.TextFormat;

namespace Defenses.Papers;

/// <summary>Claims about one, two and three blocks (table A3).</summary>
internal sealed class HrsBlockClaims(HrsResults results, string dataSet)
{
    private string Where => dataSet == "cifar10" ? "table A3" : "table A3, CIFAR-10";

    // In the paper three blocks hold more than two from 4/255 on, of a headline of 8; at 2/255 they hold less.
    private int[] Larger => [.. results.Strengths.Where(strength => 2 * strength >= results.Headline)];

    internal IEnumerable<PaperClaim> Published()
    {
        if (results.Blocks.Count < 2) yield break;
        yield return More("More blocks of as many channels hold more targets at the larger ε (CW-PGD as published)",
            [.. Larger.Select(strength => ($"ε {strength}/255: ", (Func<HrsBlockCount, SuccessRates>)(row => row.Published[strength])))], Where);
        if (Of(2) is { } two && Of(3) is { } three)
        {
            var lost = ProportionDifference.Between(two.Accuracy, three.Accuracy);
            yield return PaperClaim.Positive("The third block costs accuracy", Where,
                $"two blocks {Ranged(two.Accuracy)}, three {Ranged(three.Accuracy)}: {Points(lost, 1)} points lost", lost.Interval);
        }
    }

    internal IEnumerable<PaperClaim> Stronger()
    {
        if (results.Blocks.Count < 2) yield break;
        yield return More("More blocks of as many channels hold more targets under CW-PGD on all paths", [("", row => row.Exact)],
            $"{Where}, ε = {results.Headline}/255");
    }

    private HrsBlockCount? Of(int blocks) => results.Blocks.FirstOrDefault(row => row.Blocks == blocks);

    private PaperClaim More(string text, (string When, Func<HrsBlockCount, SuccessRates> Rates)[] places, string where)
    {
        var rows = results.Blocks.OrderBy(row => row.Blocks).ToArray();
        IEnumerable<Estimate> Gains(Func<HrsBlockCount, SuccessRates> rates) =>
            rows.Skip(1).Zip(rows, (more, fewer) => SuccessRates.Gain(rates(more), rates(fewer)));
        return PaperClaim.All(text, where, string.Join("; ", places.Select(place =>
            $"{place.When}{string.Join(", ", rows.Select(row => $"{Counted(row.Blocks, "block", "blocks")} {Ranged(place.Rates(row).DefenseRate)}"))}, "
                + $"more by {string.Join(" and ", Gains(place.Rates).Select(gain => Points(gain)))} points")),
            [.. places.SelectMany(place => Gains(place.Rates)).Select(gain => (gain.Interval, new Interval(0, 0)))]);
    }
}
