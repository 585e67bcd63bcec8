using System.Globalization;
using Defenses.Evaluation.Reporting;
using Defenses.Evaluation.Reporting.Pages;
using Defenses.Metrics;
using Defenses.Statistics;
using static DefenseBench.Protocols.Spiking.SpikingResults;

namespace DefenseBench.Protocols.Spiking;

/// <summary>The page of the protocol's results.</summary>
internal sealed class SpikingPage(SpikingSizes sizes, SpikingResults results, string images)
{
    internal Page Make()
    {
        var (sent, all) = (results.Cases(validated: true), results.Cases(validated: false));
        var findings = new SpikingFindings(sizes, results);
        return new Page
        {
            Eyebrow = $"Random Spiking, the paper's evaluation again, {images}",
            Title = findings.Title(),
            Lead =
            [
                "Four questions of the paper: what random spiking costs in accuracy, how far C&W must move an image when it sees the model, how well examples made on other models of the same scheme transfer to one that the attacker cannot see, and how often a harmless change alters a prediction.",
                "Distances are L2 over pixels in [0, 1], of images rounded to 8 bits. Success is reaching the attacker's target, judged by fresh decisions of the deployed model.",
            ],
            Findings = [.. findings.All()],
            Sections = [Accuracy(), WhiteBox(), Transfer(sent, all), Stability()],
            Method =
            [
                new("Sizes", sizes.Describe()),
                new("Schemes", string.Join("; ", sizes.Schemes.Select(name => $"{name}: {Scheme.Named(name).Description}"))),
                new("Network", sizes.Network.Description),
                .. sizes.Schemes.Contains("RS-1-adv")
                    ? (PageEntry[])[new("RS-1-adv", $"{sizes.Augmentation.PerConfidence} training images attacked at each κ of {string.Join(", ", sizes.AugmentationMargins.Select(Text))}; up to {sizes.Augmentation.Most} of the smallest below L2 {Text(sizes.Augmentation.Largest)} added", "the paper: 12,000 attacked, the 10,000 smallest added, up to 3 on MNIST and 1 on the others")] : [],
                .. sizes.Schemes.Contains("MagNet")
                    ? (PageEntry[])[new("MagNet", $"auto-encoders trained for {sizes.MagNet.Epochs} epochs; each detector refuses at most {100 * sizes.MagNet.Refused:0.#} % of {sizes.Calibration} clean images that nothing was trained on", "the paper: 100 epochs, 400 on CIFAR-10")] : [],
                .. sizes.Schemes.Contains("RC") ? (PageEntry[])[new("RC", $"{sizes.Region.Points} points in a cube of half-width {Text(sizes.Region.Radius)}", "the paper: 10,000 on MNIST, 1,000 on the others")] : [],
                new("Attack", $"C&W in L2, targeted, {sizes.Search.Rounds} rounds of {sizes.Search.Steps} steps, learning rate {Text(sizes.Search.Rate)}, first constant {Text(sizes.Search.Constant)}",
                    "the paper's code has 9 rounds of 1000 steps at 0.01 from 0.001"),
                new("Joint attack", $"mean of the hinge losses of {sizes.Models.Surrogates} models; done when the mean of their probabilities is for the target", "the paper: sum of the hinges of 8, done when all agree"),
                new("Data", $"{images}; targets are random classes that neither the label nor any scheme's first model names"),
                new("Validation", $"an example is sent if it fools {SchemeTransfer.Needed(sizes.Models.Validators - 1)} of the other {sizes.Models.Validators - 1} validation models", "the paper: 5 of 7"),
            ],
        };
    }

    private PageSection Accuracy() => new("Accuracy without an attack")
    {
        Tables =
        [
            new("Share of test images recognised", "Scheme", ["as deployed", "as the attacker sees it", "models: mean", "models: deviation"],
            [
                .. results.Accuracy.Select(each => new PageRow(each.Scheme,
                [
                    PageCell.Of(each.Deployed, digits: 2), PageCell.Of(each.Once, digits: 2), PageCell.Of(SampleMean.StudentT(each.Models), unit: NumberUnit.Percent, digits: 2),
                    PageCell.Of(Deviation(each.Models), unit: NumberUnit.Percent, digits: 2),
                ]) { Description = Scheme.Named(each.Scheme).Description }),
            ])
            { Note = $"As deployed: the mean of {SchemeModel.DecisionDraws} draws of a random network, MagNet with its detectors, the vote over {sizes.Region.Points} points of RC; as the attacker sees it: one draw, MagNet without its detectors, the network without a vote. The first model; mean and deviation over {sizes.Models.Surrogates + sizes.Models.Validators}, each trained on another part of the training set." },
        ],
    };

    private PageSection WhiteBox() => new("C&W on one model that the attacker sees")
    {
        Text = ["The larger the distance, the harder the model is to fool. But a distance counts only for examples that fool the deployed model, too: C&W stops at the boundary that one draw shows it."],
        Tables =
        [
            new("Single model, by confidence κ", "Scheme, view, κ", ["mean L2, attacker's successes", "attacker's successes", "target reached, deployed", "label still recognised", "mean L2 where fooled"],
            [
                .. results.WhiteBox.Select(each => new PageRow($"{each.Scheme}, {each.View}, κ = {Text(each.Margin)}",
                [
                    PageCell.Of(each.Distance), PageCell.Of(new Proportion(each.Attacked.Met.Count(met => met), each.Attacked.Met.Length)), PageCell.Of(each.Verdicts.Success),
                    PageCell.Of(each.Verdicts.Accuracy), PageCell.Of(each.FooledDistance),
                ])),
            ]),
            new($"{sizes.Models.Surrogates} models together, by confidence κ", "Scheme, κ", ["mean L2, attacker's successes", "attacker's successes"],
                [.. results.Transfer.Select(each => new PageRow($"{each.Crafted}, κ = {Text(each.Margin)}",
                    [PageCell.Of(SpikingResults.Mean(each.Distance, image => each.Met[image])), PageCell.Of(new Proportion(each.Met.Count(met => met), each.Met.Length))]))])
            { Note = "The paper attacks 8 (\"Multi-8\"). The attacker sees one draw of each random model a step." },
        ],
    };

    private PageSection Transfer(IReadOnlyList<TransferCase> sent, IReadOnlyList<TransferCase> all)
    {
        var matrix = sent.Count == 0 ? null : Transferability.Matrix(sent);
        return new("The translucent box: everything but the weights is known")
        {
            Text = [$"Examples are made on {sizes.Models.Surrogates} models of a scheme together and sent only if they fool enough of the attacker's validation models. An image with several cases counts once, with their mean."],
            Tables =
            [
                new("Transfer to an unseen model of the same scheme", "Scheme", ["validated", "sent of all", "without validation"],
                [
                    .. sizes.Schemes.Select(scheme => new PageRow(scheme,
                    [
                        PageCell.Of(Within(sent, scheme, scheme)), PageCell.Of((double)Of(sent, scheme, scheme).Length / Math.Max(1, Of(all, scheme, scheme).Length), unit: NumberUnit.Percent),
                        PageCell.Of(Within(all, scheme, scheme)),
                    ])),
                ]),
                Buckets(sent),
                .. matrix is null ? Array.Empty<PageTable>() : [Resilience(matrix)],
            ],
            Figures = [Curves(sent), .. matrix is null ? Array.Empty<Figure>() : [HeatMap(matrix)]],
        };
    }

    private PageTable Buckets(IReadOnlyList<TransferCase> sent) => new("Transfer by L2 distance, validated", "Distance", [.. sizes.Schemes],
    [
        .. sizes.Edges.SkipLast(1).Select((from, bucket) => new PageRow($"{Text(from)} to {Text(sizes.Edges[bucket + 1])}",
            [.. sizes.Schemes.Select(scheme => Transferability.ByDistance(Of(sent, scheme, scheme), sizes.Edges)[bucket]).Select(each => PageCell.Of(each.Success) with { Text = each.Cases == 0 ? null : $"({each.Cases} cases)" })])),
    ]);

    private CurveFigure Curves(IReadOnlyList<TransferCase> sent) => new("Transfer over L2 distance", new FigureAxis("L2 distance, middle of the bucket") { Low = 0, High = sizes.Edges[^2] + 1 }, FigureAxis.Rate("target reached"),
    [
        .. sizes.Schemes.Select(scheme => new FigureSeries(scheme,
            [.. Transferability.ByDistance(Of(sent, scheme, scheme), sizes.Edges).Where(each => each.Success is not null).Select(each => FigurePoint.At((each.From + Math.Min(each.To, sizes.Edges[^2] + 1)) / 2, each.Success!))])),
    ]) { Note = "Examples sent after validation, tried on the validation model left out." };

    private PageTable Resilience(ResilienceMatrix matrix) => new("Resilience: validated examples that do not reach their target", "Made on", [.. matrix.Tested.Select(name => $"tested on {name}")],
        [.. matrix.Crafted.Select(crafted => new PageRow(crafted, [.. matrix.Tested.Select(tested => PageCell.Of(matrix.Resilience(crafted, tested)))]))]);

    private static HeatMapFigure HeatMap(ResilienceMatrix matrix) => new("Resilience, crafted on × tested on", matrix.Crafted, matrix.Tested,
        [.. matrix.Crafted.Select(crafted => (IReadOnlyList<double?>)[.. matrix.Tested.Select(tested => matrix.Resilience(crafted, tested)?.Rate)])]) { RowTitle = "made on", ColumnTitle = "tested on" };

    private PageSection Stability() => new("Stability under noise and compression")
    {
        Text = ["A random model changes its mind without any noise: noise of length 0 tells how often."],
        Tables = [Stabilities("Unchanged predictions under noise of an L2 length", "L2", results.Noise), Stabilities("Unchanged predictions under JPEG", "quality", results.Jpeg)],
        Figures = [Curves("Unchanged predictions under Gaussian noise", "L2 of the noise", results.Noise), Curves("Unchanged predictions under JPEG", "quality", results.Jpeg)],
    };

    private static PageTable Stabilities(string title, string strength, IReadOnlyList<StabilityCurve> curves) => new(title, strength, [.. curves.Select(curve => curve.Name)],
        [.. curves[0].Strengths.Select((value, row) => new PageRow(Text(value), [.. curves.Select(curve => PageCell.Of(curve.Points[row].Unchanged))]))]);

    private static CurveFigure Curves(string title, string axis, IReadOnlyList<StabilityCurve> curves) => new(title, new FigureAxis(axis), FigureAxis.Rate("predictions unchanged"),
        [.. curves.Select(curve => new FigureSeries(curve.Name, [.. curve.Strengths.Zip(curve.Points, (strength, point) => FigurePoint.At(strength, point.Unchanged))]))]);

    private static TransferCase[] Of(IReadOnlyList<TransferCase> cases, string crafted, string tested) => [.. cases.Where(each => each.Crafted == crafted && each.Tested == tested)];

    private static Proportion? Within(IReadOnlyList<TransferCase> cases, string crafted, string tested) => Transferability.Rate(Of(cases, crafted, tested));

    private static double? Deviation(double[] values) => values.Length < 2 ? null : Math.Sqrt(values.Sum(value => Math.Pow(value - values.Average(), 2)) / (values.Length - 1));

    private static string Text(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
