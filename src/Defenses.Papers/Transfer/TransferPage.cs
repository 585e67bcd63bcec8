using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>The page of the protocol's results.</summary>
internal sealed class TransferPage(TransferSizes sizes, RunData data, TransferResults results)
{
    private TransferResult Today => results.Rows[0];

    internal Page Make()
    {
        var best = results.Rows.MaxBy(row => row.Fooled[0].Rate)!;
        return new()
        {
            Eyebrow = $"Transfer to an unseen network: parts of attacks, {data.Test.Name}",
            Title = TrainedWell.Fails(results.Recognized[0]) ? "The networks have not learnt their task: nothing follows"
                : $"{best.Method} fools {Text(best.Fooled[0])} of the images, PGD {Text(Today.Fooled[0])}",
            Lead =
            [
                "Examples are made on networks of the attacker's own and sent to another one: a standard network, and one with random spiking. The attacked "
                    + "networks have the same layers, and other seeds and training images.",
                FormattableString.Invariant($"All attacks have the same ε, {sizes.Epsilon:0.####} in L∞, and are counted on images that the attacked network ")
                    + "recognises.",
            ],
            Findings = [.. Findings(best)],
            Sections = [Section()],
            Method =
            [
                new("Networks", "the HRS paper's for the images (colour: a narrow one), dropout 0.3 in training on grey images; SGD, momentum 0.9",
                    sizes.Describe()),
                new("PGD", $"{sizes.Pgd.Steps} steps of ε/10, {sizes.Pgd.Restarts} restarts; on several networks {sizes.Steps} steps, one restart"),
                new("The others", $"{sizes.Steps} steps of ε/10 along the momentum; the parts have their defaults, or what the row says"),
                new("Random spiking", $"keeps {SchemeTraining.KeepProbability} of the first feature map; decides by the mean of "
                    + $"{SchemeModel.DecisionDraws} draws, judged {sizes.JudgeDraws} times"),
                new("Intervals", "95 %, exact"),
            ],
        };
    }

    private PageSection Section() => new("By method")
    {
        Text = ["The last column is the attacker's own view: how many images fool the networks that they were made on."],
        Tables =
        [
            new PageTable("Images fooled", "method", ["standard network", "times PGD", "random spiking", "the attacker's own"],
            [
                .. results.Rows.Select(row => new PageRow(row.Method,
                [
                    PageCell.Of(row.Fooled[0]), PageCell.Of(row.Fooled[0].Rate / Math.Max(1e-9, Today.Fooled[0].Rate), digits: 2), PageCell.Of(row.Fooled[1]),
                    PageCell.Of(row.Met),
                ])),
            ]),
        ],
    };

    private IEnumerable<Finding> Findings(TransferResult best)
    {
        if (results.Recognized[0].Upper < 0.7)
            yield return new(TrainedWell.Fails(results.Recognized[0]) ? Severity.Invalid : Severity.Warning, "The networks have not learnt their task",
                $"{results.Recognized[0]} of the attacked images are recognised.", TrainedWell.Advice);
        if (sizes.Attacked < 100)
            yield return new(Severity.Warning, "Few images", $"{sizes.Attacked} images were attacked: intervals are wide.", "Take more (--images).");
        yield return new(Severity.Note, "How much is left to win",
            $"On its own network PGD fools {Text(Today.Met)}; of another one {Text(Today.Fooled[0])}, and the best method, {best.Method}, "
                + $"{Text(best.Fooled[0])}. No transfer can be expected to beat an attack that sees the network.",
            "Compare methods at an ε where PGD on its own network fools most images, and its transfer few.");
        var (own, other) = (results.Rows[^1].Fooled[1], results.Rows[^1].Fooled[0]);
        if (own.Lower > other.Upper || other.Lower > own.Upper)
            yield return new(Severity.Note, own.Rate > other.Rate ? "Random spiking does not hinder transfer" : "Examples transfer less to random spiking",
                $"Made on networks with random spiking, {Text(own)} of the examples fool another one of them, and {Text(other)} a standard network.",
                "Compare it with the networks' accuracy.", TransferModels.Spiking);
    }

    private static string Text(Proportion rate) => FormattableString.Invariant($"{100 * rate.Rate:F0} % [{100 * rate.Lower:F0}, {100 * rate.Upper:F0}]");
}
