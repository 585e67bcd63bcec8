using Defenses.Metrics;
using Defenses.Pages;
using Defenses.Statistics;
using MathNet.Numerics.Statistics;
using static Defenses.Papers.SpikingResults;
using static Defenses.Papers.TextFormat;

namespace Defenses.Papers;

/// <summary>The tables of the page.</summary>
internal sealed class SpikingTables(SpikingSizes sizes, SpikingResults results, string dataSet)
{
    internal PageTable Accuracy() => new("Share of test images recognised", "Scheme", ["as deployed", "as the attacker sees it", "models: mean",
        "models: deviation"],
    [
        .. results.Accuracy.Select(each => new PageRow(each.Scheme,
        [
            PageCell.Of(each.Deployed, digits: 2), PageCell.Of(each.Once, digits: 2),
            PageCell.Of(SampleMean.StudentT(each.Models), SpikingPaper.Accuracy(each.Scheme, dataSet), NumberUnit.Percent, 2),
            PageCell.Of(Deviation(each.Models), SpikingPaper.AccuracyDeviation(each.Scheme, dataSet), NumberUnit.Percent, 2),
        ]) { Description = DefenseScheme.Named(each.Scheme).Description, Why = Smaller }),
    ])
    {
        Note = $"As deployed: {SchemeModel.DecisionDraws} draws of a random network, by the mean of their probabilities or by their vote, MagNet with its "
            + $"detectors, the vote over {sizes.Region.Points} points of RC; as the attacker sees it: one draw, MagNet without its detectors, the network "
            + "without a vote. "
            + $"The first model; mean and deviation over {sizes.Models.Surrogates + sizes.Models.Validators}, each trained on another part of the "
                + "training set.",
    };

    internal PageTable WhiteBox() => new("Single model, by confidence κ", "Scheme, view, κ", ["mean L2, attacker's successes", "its deviation",
        "attacker's successes", "target reached, deployed", "label still recognised", "mean L2 where fooled"],
    [
        .. results.WhiteBox.Select(each => new PageRow($"{each.Scheme}, {each.View}, κ = {Text(each.Margin)}",
        [
            PageCell.Of(each.Distance, each.IsAsPublished ? SpikingPaper.Distance(each.Scheme, each.Margin, dataSet, joint: false) : null),
            Spread(each.Attacked.Distance, each.Attacked.Met,
                each.IsAsPublished ? SpikingPaper.DistanceDeviation(each.Scheme, each.Margin, dataSet, joint: false) : null),
            Met(each.Attacked.Met), PageCell.Of(each.Verdicts.Success), PageCell.Of(each.Verdicts.Accuracy),
            PageCell.Of(each.FooledDistance),
        ]) { Why = Smaller }),
    ]);

    internal PageTable Joint() => new($"{sizes.Models.Surrogates} models together, by confidence κ", "Scheme, κ",
        ["mean L2, attacker's successes", "its deviation", "attacker's successes"],
    [
        .. results.Transfer.Where(each => DefenseScheme.Named(each.Crafted).AttackedAs == each.Crafted)
            .Select(each => new PageRow($"{each.Crafted}, κ = {Text(each.Margin)}",
            [
                Moved(each) with { Paper = SpikingPaper.Distance(each.Crafted, each.Margin, dataSet, joint: true) },
                Spread(each.Distance, each.Met, SpikingPaper.DistanceDeviation(each.Crafted, each.Margin, dataSet, joint: true)), Met(each.Met),
            ]) { Why = Smaller }),
    ]) { Note = "The paper attacks 8 (\"Multi-8\"). The attacker sees one draw of each random model a step." };

    internal PageTable Transfer(IReadOnlyList<TransferCase> sent, IReadOnlyList<TransferCase> all) => new("Transfer to an unseen model of the same scheme",
        "Scheme", ["validated", "sent of all", "without validation"],
        [.. sizes.Schemes.Select(scheme => new PageRow(scheme, Sent(Of(sent, scheme, scheme), Of(all, scheme, scheme))))]);

    /// <summary>Transfer where the region decides, attack by attack.</summary>
    internal PageTable Region(string scheme) =>
        new($"Attacks on {scheme}, {sizes.Models.Surrogates} models of {DefenseScheme.Named(scheme).AttackedAs} together", "Attack",
        ["mean L2, attacker's successes", "attacker's successes", "validated", "sent of all", "without validation"],
    [
        .. results.Transfer.Where(each => each.Crafted == scheme).Select(each => (Name: $"C&W, κ = {Text(each.Margin)}", Trial: each))
            .Concat(results.Region.Where(each => each.Crafted == scheme).Select(each => (Name: SpikingAttacks.Around, Trial: each)))
            .Select(each => new PageRow(each.Name, [Moved(each.Trial), Met(each.Trial.Met), .. Sent([.. each.Trial.Cases(scheme, validated: true)],
                [.. each.Trial.Cases(scheme, validated: false)])])),
    ]);

    internal PageTable Buckets(IReadOnlyList<TransferCase> sent) => new("Transfer by L2 distance, validated", "Distance", [.. sizes.Schemes],
    [
        .. sizes.Edges.SkipLast(1).Select((from, bucket) => new PageRow($"{Text(from)} to {Text(sizes.Edges[bucket + 1])}",
            [.. sizes.Schemes.Select(scheme => Transferability.ByDistance(Of(sent, scheme, scheme), sizes.Edges)[bucket])
                .Select(each => PageCell.Of(each.Success) with { Text = each.Cases == 0 ? null : $"({Counted(each.Cases, "case", "cases")})" })])),
    ]);

    internal PageTable Resilience(ResilienceMatrix matrix) => new("Resilience: validated examples that do not reach their target", "Made on",
        [.. matrix.Tested.Select(name => $"tested on {name}")],
        [.. matrix.Crafted.Select(crafted => new PageRow(crafted, [.. matrix.Tested.Select(tested => PageCell.Of(matrix.Resilience(crafted, tested)))]))]);

    internal PageTable Noise(string title) => Stability(title, "L2", results.Noise, SpikingPaper.UnderNoise, SpikingPaper.WordsOnNoise);

    internal PageTable Jpeg(string title) => Stability(title, "quality", results.Jpeg, SpikingPaper.UnderJpeg, SpikingPaper.WordsOnJpeg);

    private PageTable Stability(string title, string strength, IReadOnlyList<StabilityCurve> curves, Func<string, double, string, double?> paper,
        Func<string, double, string, string?> words)
    {
        // MagNet has its own words.
        string Said(double value) => string.Join("; ", curves.GroupBy(curve => words(curve.Name, value, dataSet)).Where(group => group.Key is not null)
            .Select(group => group.Count() == 1 ? $"{group.First().Name} {group.Key}" : group.Key));
        var said = curves[0].Strengths.Select(Said).ToArray();
        var hasWords = said.Any(text => text.Length > 0);
        return new(title, strength, [.. curves.Select(curve => curve.Name), .. hasWords ? ["the paper's text"] : Array.Empty<string>()],
        [
            .. curves[0].Strengths.Select((value, row) => new PageRow(Text(value),
            [
                .. curves.Select(curve => PageCell.Of(curve.Points[row].Unchanged, paper(curve.Name, value, dataSet))),
                .. hasWords ? [PageCell.Of(said[row])] : Array.Empty<PageCell>(),
            ]) { Why = Smaller }),
        ]) { Note = "The paper prints few of these numbers, in its text." };
    }

    // Where this run is the paper's, a difference has no reason.
    private string? Smaller => SpikingPaper.Settings(sizes, dataSet).Any(each => each.Ours != each.Paper)
        ? "This run is smaller than the paper's, or set otherwise: see its settings in the last section." : null;

    /// <summary>What the paper sets beside what this run sets.</summary>
    internal PageTable Settings() => new("Settings of the paper and its code", "Setting", ["this run", "paper"],
        [.. SpikingPaper.Settings(sizes, dataSet).Select(each => new PageRow(each.What, [PageCell.Of(Text(each.Ours)), PageCell.Of(Text(each.Paper))]))]);

    internal static TransferCase[] Of(IReadOnlyList<TransferCase> cases, string crafted, string tested) =>
        [.. cases.Where(each => each.Crafted == crafted && each.Tested == tested)];

    private static PageCell[] Sent(TransferCase[] sent, TransferCase[] all) =>
        [PageCell.Of(Transferability.Rate(sent)), PageCell.Of((double)sent.Length / Math.Max(1, all.Length), unit: NumberUnit.Percent),
            PageCell.Of(Transferability.Rate(all))];

    private static PageCell Moved(SchemeTransfer trial) => PageCell.Of(SpikingResults.Mean(trial.Distance, image => trial.Met[image]));

    private static PageCell Spread(double[] distances, bool[] counts, double? paper) =>
        PageCell.Of(Deviation([.. distances.Where((_, image) => counts[image])]), paper);

    private static PageCell Met(bool[] met) => PageCell.Of(new Proportion(met.Count(each => each), met.Length));

    private static double? Deviation(double[] values) => values.Length < 2 ? null : values.StandardDeviation();
}
