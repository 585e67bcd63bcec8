using Defenses.Metrics;
using Defenses.Pages;
using static Defenses.Papers.TextFormat;

namespace Defenses.Papers;

/// <summary>The page of the protocol's results.</summary>
internal sealed class SpikingPage(SpikingSizes sizes, SpikingResults results, RunData data)
{
    private readonly SpikingTables _tables = new(sizes, results, data.Key);
    private readonly SpikingFigures _figures = new(sizes);

    internal Page Make()
    {
        var findings = new SpikingFindings(sizes, results);
        return new Page
        {
            Eyebrow = $"Random Spiking, the paper's evaluation again, {data.Test.Name}",
            Title = findings.Title(),
            Lead =
            [
                "Four questions of the paper: what random spiking costs in accuracy, how far C&W must move an image when it sees the model, how well "
                    + "examples made on other models of the same scheme transfer to one that the attacker cannot see, and how often a harmless change "
                    + "alters a prediction.",
                "Distances are L2 over pixels in [0, 1], of images rounded to 8 bits. Success is reaching the attacker's target, judged by fresh "
                    + "decisions of the deployed model.",
            ],
            Findings = [.. findings.All()],
            Sections =
            [
                new SpikingClaims(results, data.Key).Section(), Accuracy(), WhiteBox(),
                Transfer(results.Cases(validated: true), results.Cases(validated: false)), Stability(), Paper(),
            ],
            Method = [.. Method()],
        };
    }

    private PageSection Accuracy() => new("Table 2: accuracy without an attack") { Tables = [_tables.Accuracy()] };

    private PageSection WhiteBox() => new("Tables 4 and 5: C&W on models that the attacker sees")
    {
        Text =
        [
            "The larger the distance, the harder the model is to fool. But a distance counts only for examples that fool the deployed model, too: C&W "
                + "stops at the boundary that one draw shows it.",
            .. results.Region.Count == 0 ? Array.Empty<string>()
                : [$"{SpikingAttacks.Around} (He, Li and Song 2018) asks more of an example: the network must be fooled at the image and at "
                    + $"{sizes.Directions} orthogonal directions around it, as long as the points of the region are."],
        ],
        Tables = [_tables.WhiteBox(), _tables.Joint()],
    };

    private PageSection Transfer(IReadOnlyList<TransferCase> sent, IReadOnlyList<TransferCase> all)
    {
        var matrix = sent.Count == 0 ? null : Transferability.Matrix(sent);
        return new("The translucent box: everything but the weights is known")
        {
            Text = [$"Examples are made on {sizes.Models.Surrogates} models of a scheme together. Of {sizes.Models.Validators} further models one is left out "
                + "in turn: an example is sent if it fools enough of the others, and tried on the one left out. An image with several cases counts once, with "
                + "their mean."],
            Tables =
            [
                _tables.Transfer(sent, all), .. results.Region.Select(each => _tables.Region(each.Crafted)), _tables.Buckets(sent),
                .. matrix is null ? Array.Empty<PageTable>() : [_tables.Resilience(matrix)],
            ],
            Figures = [.. _figures.Transfer(sent), .. matrix is null ? Array.Empty<Figure>() : [SpikingFigures.Resilience(matrix)]],
        };
    }

    private PageSection Stability() => new("Stability under noise and compression")
    {
        Text = ["A random model changes its mind without any noise: noise of length 0 tells how often."],
        Tables = [_tables.Noise("Unchanged predictions under noise of an L2 length"), _tables.Jpeg("Unchanged predictions under JPEG")],
        Figures = [SpikingFigures.Stability("Unchanged predictions under Gaussian noise", "L2 of the noise", results.Noise),
            SpikingFigures.Stability("Unchanged predictions under JPEG", "quality", results.Jpeg)],
    };

    private PageSection Paper() => new("The paper's settings beside those of this run")
    {
        Text =
        [
            "The paper's numbers stand beside ours in the tables above. Its figures 3 and 4 (transfer by distance, resilience) have no printed numbers; "
                + "what they say is that examples transfer least to RS-1-adv on all three data sets; it stands among the claims.",
        ],
        Tables = [_tables.Settings()],
    };

    private IEnumerable<PageEntry> Method() =>
    [
        new("Sizes", sizes.Describe()),
        new("Schemes", string.Join("; ", sizes.Schemes.Select(name => $"{name}: {DefenseScheme.Named(name).Description}"))),
        new("Network", sizes.Network.Description),
        .. Only("RS-1-adv", $"{sizes.Augmentation.PerConfidence} training images attacked at each κ of "
            + $"{string.Join(", ", sizes.AugmentationMargins.Select(Text))}; up to {sizes.Augmentation.Most} of the smallest below L2 "
            + $"{Text(sizes.Augmentation.Largest)} added"),
        .. Only("MagNet", $"auto-encoders trained for {sizes.MagNet.Epochs} epochs; each detector refuses at most {100 * sizes.MagNet.Refused:0.#} % of "
            + $"{sizes.Calibration} clean images that nothing was trained on", "the paper: 100 epochs, 400 on CIFAR-10"),
        .. Only("RC", $"{sizes.Region.Points} points in a cube of half-width {Text(sizes.Region.Radius)}"),
        new("Attack", $"C&W in L2, targeted, {sizes.Search.Rounds} rounds of {sizes.Search.Steps} steps, learning rate {Text(sizes.Search.Rate)}, first "
            + $"constant {Text(sizes.Search.Constant)}",
            "the paper's code has 9 rounds of 1000 steps at 0.01 from 0.001"),
        .. results.Region.Count == 0 ? []
            : (PageEntry[])[new(SpikingAttacks.Around,
            $"{Math.Min(4, sizes.Search.Rounds)} rounds of {sizes.Search.Steps} steps, learning rate {Text(sizes.Search.Rate)}, first constant 1, "
            + $"{sizes.Directions} directions of magnitude {Text(sizes.Region.Radius / Math.Sqrt(3))}, the half-width over √3",
            "its authors: 4 rounds of 1000 steps, 19 directions, the half-width itself; this paper does not run it")],
        new("Joint attack", $"mean of the hinge losses of {sizes.Models.Surrogates} models; done when all of them give the target with the margin κ",
            "the paper: 8 models; the sum of their hinges, for which a larger constant stands"),
        new("Data", $"{data.Test.Name}; targets are random classes that neither the label nor any scheme's first model names"),
        new("Validation", $"an example is sent if it fools {SchemeTransfer.Needed(sizes.Models.Validators - 1)} of the other "
            + $"{sizes.Models.Validators - 1} validation models", "the paper: 5 of 7"),
    ];

    private PageEntry[] Only(string scheme, string text, string note = "") => sizes.Schemes.Contains(scheme) ? [new(scheme, text, note)] : [];
}
