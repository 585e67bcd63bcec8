using Defenses.Evaluation.Reporting;
using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>The page of the protocol's results.</summary>
internal sealed class JumpPage(JumpSizes sizes, JumpTask task, RunData data, JumpResults results)
{
    private readonly JumpFindings _plain = new(results.Plain, "plain"), _robust = new(results.Robust, "robust-trained");

    private readonly JumpPaper _paper = new(sizes, task);

    private readonly JumpTables _tables = new(results.Tables, new JumpPaper(sizes, task));

    private IReadOnlyList<ModelAccuracy> Accuracy => results.Tables.Accuracy;

    private bool IsUntrained => TrainedWell.Fails(Accuracy[0].Rate);

    internal Page Make() => new()
    {
        Eyebrow = $"JumpReLU: the paper's experiments again, {data.Test.Name}",
        Title = IsUntrained ? "The networks have not learnt their task: nothing follows" : _plain.Title(),
        Lead =
        [
            $"A JumpReLU sets activations up to a threshold κ to zero. It is put into a network that was trained with rectifiers, here the "
                + $"{task.NetworkName} one.",
            "First the networks are attacked as the paper does, then by attacks that know of the jump: backwards they take it for a rectifier, or use no "
                + "gradient.",
            _plain.Lead(), _robust.Lead(),
        ],
        Findings = [.. Findings()],
        Sections =
        [
            ClaimPlace.Section(new JumpClaims(task, results).All()), Attacked(isRobust: false), Attacked(isRobust: true), Gray(), Transfer(), Curve(),
            new JumpDetectionPage(results.Detection, task, _paper).Section(), _plain.Section(), _robust.Section(),
            .. data.Key == "cifar10" ? new JumpWidePage(results.Wide).Sections() : [], _paper.Section(),
        ],
        Method =
        [
            new("Networks", $"{task.NetworkName}, dropout 0.5 in training; SGD 0.02, times 0.2 at 1/3, 2/3 and 8/9 of the epochs, momentum 0.9, weight "
                + $"decay 5·10⁻⁴, batches of {sizes.Batch}", sizes.Describe()),
            new("Robust network",
                FormattableString.Invariant($"the first {100 * task.Robust.Share:0} % of each batch changed by one step of FGSM, ε ")
                + FormattableString.Invariant($"{task.Robust.Epsilon} in normalised units ")
                + FormattableString.Invariant($"({task.Robust.Epsilon * task.Normalization.Unit:0.####} of the pixel range)"), "as the paper's code"),
            new("PGD of the paper",
                FormattableString.Invariant($"{task.Steps} sign steps of 0.01 in normalised units, no ball: at most ")
                + FormattableString.Invariant($"{task.Steps * 0.01 * task.Normalization.Unit:0.###} of the pixel range; ")
                + "images that are misread stay as they are"),
            new("DF∞, DF₂", $"DeepFool, at most {task.Steps} steps, overshoot 0.02 on the whole change", "the paper's code overshoots each step"),
            new("TR", $"trust region, L2, {sizes.TrustSteps} steps of at most 0.01 in normalised units", "paper's text: 1000; its script: 40"),
            new("ρ", "mean of ‖x′ − x‖ / ‖x‖ over all images, normalised, L∞ for PGD and DF∞, L2 for DF₂ and TR",
                "images misread from the start count with 0, as in the paper's code"),
            new("Random κ", FormattableString.Invariant(
                $"one for each image, layer and call, uniform on [0.6·b, b] with b = {task.Jump.High}; the paper's fixed κ is {task.Jump.Kappa}")),
            new("Intervals", "95 %, exact for rates, Student's for ρ"),
        ],
    };

    private IEnumerable<Finding> Findings()
    {
        yield return new(Severity.Note, "The paper's \"PGD, ε = 0.01\" is a step size",
            "There is no ball, and units are those of normalised images: its numbers must not be compared with those of ε = 0.3 elsewhere.",
            "Read the adaptive part for a budget in pixels.");
        if (task.Normalization == Normalization.FashionMnist)
            yield return new(Severity.Note, "The paper has no such data set", "Network, thresholds and steps are those of its MNIST experiments.",
                "Take its thresholds for a guess here.");
        if (Accuracy[0].Rate.Upper < 0.7)
            yield return new(IsUntrained ? Severity.Invalid : Severity.Warning, "The networks have not learnt their task",
                $"{Accuracy[0].Rate} of the test images are recognised: {TextFormat.Counted(sizes.Training.Epochs, "epoch", "epochs")} on "
                + $"{sizes.Training.Images} images.", IsUntrained ? TrainedWell.Advice
                : "Believe the order of the rows at most; run the preset 'paper'.");
        if (sizes.Adaptive.Images < 100)
            yield return new(Severity.Warning, "Few images", $"{sizes.Adaptive.Images} images were attacked by the adaptive attacks: intervals are wide.",
                "Take more (--images), or run the preset 'paper', before believing a small difference.");
        foreach (var finding in _plain.Findings().Concat(_robust.Findings())) yield return finding;
    }

    private PageSection Attacked(bool isRobust) => new(isRobust ? "Tables 2 and 4: the robust-trained network as the paper attacks it"
        : "Tables 2 and 4: the plain network as the paper attacks it")
    {
        Text = [$"Accuracy without an attack on {Accuracy[0].Rate.Trials} images; under the paper's white-box attacks on "
            + $"{sizes.Attacked.Paper}, with the size of the change beside the image. " +
            "DeepFool and TR look for the smallest change and nearly always end with a misread image: there ρ tells the difference."],
        Tables = [_tables.White(isRobust, isRobust ? "Robust training, then JumpReLU" : "Plain training, then JumpReLU")],
    };

    private PageSection Gray() => new("Table 1: gray box, the attacker has the network, but not its thresholds")
    {
        Text = ["Accuracy on images that were made on the same network with rectifiers."],
        Tables = [.. _tables.Gray("Plain network", "Robust-trained network")],
    };

    private PageSection Transfer() => new("Crafted on one threshold, tested on another")
    {
        Text = ["Accuracy of the model of the column on examples that the paper's PGD made for the model of the row."],
        Figures = [.. results.Transfer.GroupBy(row => row.IsRobust).Select(group => new HeatMapFigure(
            group.Key ? "Robust-trained network" : "Plain network", [.. group.Select(row => row.From)], group.First().To,
            [.. group.Select(row => (IReadOnlyList<double?>)[.. row.Right.Select((_, model) => (double?)row.Accuracy(model).Rate)])]) { RowTitle = "crafted on",
            ColumnTitle = "tested on" })],
    };

    private PageSection Curve()
    {
        FigureSeries Series(string name, bool isRobust, Func<CurvePoint, Proportion> rate) =>
            new(name, [.. results.Curve.Where(point => point.IsRobust == isRobust).Select(point => FigurePoint.At(point.Kappa, rate(point)))]);
        return new PageSection("The trade-off: what a threshold costs, and what it seems to buy")
        {
            Text = ["Figure 4 of the paper has accuracy over κ. Added: the same under an attack that takes the jump for a rectifier backwards, PGD within "
                + FormattableString.Invariant($"{sizes.Headline:0.###} in pixels.")],
            Figures = [.. new[] { false, true }.Select(isRobust => new CurveFigure(isRobust ? "Robust-trained network" : "Plain network",
                new FigureAxis("threshold κ"), FigureAxis.Rate("images recognised"),
            [
                Series("no attack", isRobust, point => point.Clean), Series("the paper's PGD", isRobust, point => point.Paper),
                Series("PGD straight through", isRobust, point => point.StraightThrough),
            ]))],
        };
    }
}
