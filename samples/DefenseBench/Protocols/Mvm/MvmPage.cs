using Defenses.Evaluation.Reporting;
using Defenses.Evaluation.Reporting.Pages;
using Defenses.Statistics;
using Defenses.Training;

namespace DefenseBench.Protocols.Mvm;

/// <summary>The page of the protocol.</summary>
internal sealed class MvmPage(MvmSizes size, Accuracy accuracy, IReadOnlyList<MvmRow> rows, MvmResults results)
{
    internal const string Half = "MVM, c = N/2", Double = "MVM, c = 2N";

    internal Page Make() => new()
    {
        Eyebrow = "MVM: detection by sampling with minimal variance",
        Title = $"With c = N/2 the areas under the ROC curve are {string.Join(", ", MvmAttacks.Names.Select(attack => $"{results.Curve(Half, attack).Auc:0.000} ({attack})"))}",
        Lead =
        [
            "A network with a sampling layer behind its convolutions answers each image many times; the score of an image is the entropy of the answers.",
            "The attacks know nothing of the sampling or of the detector. An attack that knows the score can keep its answer stable and stay unseen: this table is no " +
            "measure of security.",
        ],
        Findings = [.. Orderings()],
        Sections =
        [
            new PageSection("Table 3: areas under the ROC curve") { Tables = [Areas(), Gains()], Figures = [Curves()] },
            new PageSection("At 5 % of false alarms")
            {
                Text = ["The threshold is chosen on the clean images of the first half of the images; found and false alarms are counted on the second half."],
                Tables = [Found()],
            },
            new PageSection("The attacks") { Tables = [Attacks()] },
        ],
        Method =
        [
            new("Sizes", $"{size}"),
            new("Network", $"Feinman's, trained with Adadelta: {new Proportion(accuracy.Correct, accuracy.Count)} of the test images", "paper 98.7 %"),
            new("Detector", $"entropy of the hard answers of {size.Draws} passes; probabilities from one pass without sampling; layers behind relu1 and relu2; N = 784"),
            new("Attacked", "test images that the network recognises, also where the attack failed", "the paper does not say whether it keeps those; Feinman does"),
            new("Clean", "the same images as they were; noisy images are left out", "the paper does not say"),
        ],
    };

    private PageTable Areas() => new("", "detector", MvmAttacks.Names,
        [.. rows.Select(row => new PageRow(row.Name, [.. MvmAttacks.Names.Select(attack => PageCell.Of(results.Curve(row.Name, attack).AucWithin(), Of(row, attack)))]))])
    {
        Note = "95 % intervals by DeLong, ties counted half. The paper's numbers for the other rows are not known to us.",
    };

    private PageTable Gains() => new("What c = N/2 gains, on the same images", "over", MvmAttacks.Names,
        [.. rows.Where(row => row.Name != Half).Select(row => new PageRow(row.Name, [.. MvmAttacks.Names.Select(attack => PageCell.Of(
            Gain(row.Name, attack), Of(row, attack) is { } paper ? Of(rows[0], attack) - paper : null))]))]);

    private CurveFigure Curves() => CurveFigure.Roc("ROC of MVM, c = N/2",
        [.. MvmAttacks.Names.Select(attack => new FigureSeries(attack, [.. results.Curve(Half, attack).Points.Select(point => new FigurePoint(point.FalsePositiveRate, point.TruePositiveRate))]))]);

    private PageTable Found() => new("", "detector", [.. MvmAttacks.Names, "false alarms"],
        [.. rows.Select(row => new PageRow(row.Name,
            [.. MvmAttacks.Names.Select(attack => PageCell.Of(results.AtFivePercent(row.Name, attack).Found)), PageCell.Of(results.AtFivePercent(row.Name, MvmAttacks.Fgsm).False)]))]);

    private PageTable Attacks() => new("", "attack", ["fools the network", "mean L2 of the change"],
        [.. MvmAttacks.Names.Select(attack => new PageRow(attack, [PageCell.Of(results.Fooled(attack)), PageCell.Of(results.Change(attack))]) { Description = MvmAttacks.Describe(attack) })]);

    // Table 3: on MNIST the smallest c is the best for every attack.
    private IEnumerable<Finding> Orderings() =>
        from attack in MvmAttacks.Names
        let gain = Gain(Double, attack)
        where gain.Upper < 0
        select new Finding(Severity.Warning, $"The paper's order is reversed for {attack}",
            $"c = 2N detects better than c = N/2 by {-gain.Value:0.000} ({-gain.Upper:0.000} to {-gain.Lower:0.000}); in the paper the smallest c is the best on MNIST.",
            "Believe the measured order for this network.");

    private Estimate Gain(string other, string attack) => results.Curve(Half, attack).AucGainOver(results.Curve(other, attack));

    private static double? Of(MvmRow row, string attack) => row.Paper.TryGetValue(attack, out var area) ? area : null;
}
