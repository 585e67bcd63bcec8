using Defenses.Evaluation.Reporting;
using Defenses.Pages;
using Defenses.Statistics;
using Defenses.Training;

namespace Defenses.Papers;

/// <summary>The page of the protocol.</summary>
internal sealed class MvmPage(MvmSizes size, MvmTask task, RunData data, Accuracy accuracy, IReadOnlyList<MvmRow> rows, MvmResults results)
{
    /// <summary>The share of false alarms at which the detector is attacked.</summary>
    internal const double FalseAlarms = 0.05;

    // Not drawn, for one curve of each kind: more would hide each other.
    private readonly string[] _undrawn = [.. rows.Skip(1).Take(2).Select(row => row.Name), MvmRivals.Rebuilt, MvmRivals.Diverging];

    private readonly MvmFindings _verdict = new(results, rows, task, new Proportion(accuracy.Correct, accuracy.Count));

    internal Page Make() => new()
    {
        Eyebrow = $"MVM: detection by sampling with minimal variance, {data.Test.Name}",
        Title = _verdict.Title(),
        Lead =
        [
            "A network with a sampling layer behind its convolutions answers each image many times; the more its answers differ (entropy), the likelier "
                + "the image was attacked. c is the number of samples, N that of positions in a feature map.",
            "The attacks of the paper know nothing of the sampling or of the detector, and stop when the image is misread. Two others are tried here: one goes "
                + "on, one knows the detector.",
            _verdict.Meaning(),
        ],
        Findings = [.. _verdict.Findings()],
        Sections =
        [
            .. Claims(), new PageSection("Table 3: areas under the ROC curve")
            {
                Text = [$"{results.Judged(task.Guard)} images for {task.Samples}, {results.Judged(rows[1].Name)} for the others; rows that are fitted are "
                    + $"judged on {results.Judged(MvmRivals.Feinman)} that they were not fitted to."
                    + (size.Pruned.Length < 3 ? " The presets 'long' and 'paper' have all settings of pruning and of dropout." : "")],
                Tables = [Areas(), Gains()], Figures = [Curves(), .. MvmAttacks.Names.Select(Rivals)],
            },
            new PageSection("At 1 % and at 5 % of false alarms")
            {
                Text = ["The threshold is chosen on the clean images of the first half of the images; found and false alarms are counted on the second half."],
                Tables = [Found(0.01), Found(FalseAlarms)],
            },
            Adaptive(),
            new PageSection("Table 2: what the attacks do") { Tables = [Attacks()] },
        ],
        Method =
        [
            new("Sizes", size.Describe()),
            new("Network", $"Feinman's, trained with {Training()}: {new Proportion(accuracy.Correct, accuracy.Count)} of the test images",
                (task.Accuracy is { } theirs ? FormattableString.Invariant($"paper {100 * theirs:0.0} %") : "this data set is not in the paper")
                + (size.IsHastened
                    ? "; Feinman's Adadelta in steps of 128, with a penalty on dense layers, needs more passes over the images than this size has" : "")),
            new("Detector", $"entropy of the hard answers of {size.Draws} passes; probabilities from one pass without sampling; layers behind "
                + $"{string.Join(", ", task.Sampled)}; N = {task.Pixels}"),
            new("Density and uncertainty",
                FormattableString.Invariant($"kernel density at {task.Hidden} (bandwidth {task.Bandwidth}, {size.Density} training images) and the ")
                + "variance of 50 answers under the network's own dropout; logistic regression",
                "Feinman's code judges on the data of the fit; here a half is kept for judging. Noisy images are left out of the fit"),
            new("Local dimensionality", $"20 neighbours among 100 clean images, at {string.Join(", ", task.Activations)}; logistic regression",
                "fitted to the attack that it is judged by, as in the paper"),
            new("MagNet",
                FormattableString.Invariant($"auto-encoders trained on {size.AutoEncoders.Images} images for {size.AutoEncoders.Epochs} epochs, Adam ")
                + FormattableString.Invariant($"with rate 0.02, batches of 32, noise {task.Noise}; ")
                + "the score of all is the largest of (score − threshold)/spread",
                "its code: all images, 100 epochs on MNIST and 400 on CIFAR-10, rate 0.001, batches of 256"),
            new("Attacked", "test images that the network recognises, also where the attack failed",
                "the paper does not say whether it keeps those; Feinman does"),
            new("SVHN", "the paper's column for SVHN is not run: the set is not among those that the library reads (its files are MATLAB's)"),
            new("Clean", "the same images as they were; noisy images are left out", "the paper does not say"),
        ],
    };

    // None for a data set that the paper does not have.
    private PageSection[] Claims()
    {
        PaperClaim[] claims =
            [.. new MvmClaims(results, rows, task, new Proportion(accuracy.Correct, accuracy.Count)).All(_verdict.Knowing, _verdict.Overshooting)];
        return claims.Length > 0 ? [ClaimPlace.Section(claims)] : [];
    }

    private string Training()
    {
        var penalty = task.Penalised.Length > 0 ? ", with a penalty of 0.01·Σw² on the hidden dense layers" : "";
        return size.IsHastened ? "SGD, rate 0.01, momentum 0.9, in steps of 32" : $"Adadelta, decay 0.95, in steps of 128{penalty}";
    }

    private PageTable Areas() => new("", "detector", MvmAttacks.Names,
        [.. rows.Select(row => new PageRow(row.Name,
            [.. MvmAttacks.Names.Select(attack => PageCell.Of(results.Curve(row.Name, attack).AucWithin(), Of(row, attack), NumberUnit.Decimals, 3))]))])
    {
        Note = "95 % intervals by DeLong, ties counted half.",
    };

    private PageTable Gains() => new($"What {task.Samples} gains, on the same images", "over", MvmAttacks.Names,
        [.. rows.Where(row => row.Name != task.Guard).Select(row => new PageRow(row.Name, [.. MvmAttacks.Names.Select(attack => PageCell.Of(
            results.Gain(task.Guard, row.Name, attack), Of(row, attack) is { } paper ? Of(rows[0], attack) - paper : null, NumberUnit.Decimals,
                3))]))]) { Note = "Difference of the areas; below 0 the other detector is better." };

    private CurveFigure Curves() => CurveFigure.Roc($"ROC of {task.Guard}",
        [.. MvmAttacks.Names.Select(attack => Series(attack, task.Guard, attack))]);

    private CurveFigure Rivals(string attack) => CurveFigure.Roc($"ROC of the detectors: {attack}",
        [.. rows.Select(row => row.Name).Where(name => !_undrawn.Contains(name)).Select(name => Series(name, name, attack))]);

    private FigureSeries Series(string name, string row, string attack) =>
        new(name, [.. results.Curve(row, attack).Points.Select(point => new FigurePoint(point.FalsePositiveRate, point.TruePositiveRate))]);

    private PageTable Found(double alarms) => new(FormattableString.Invariant($"Threshold for {100 * alarms:0} %"), "detector",
        [.. MvmAttacks.Names, .. MvmAttacks.Names.Select(attack => $"false alarms, {attack}")],
        [.. rows.Select(row => new PageRow(row.Name,
        [
            .. MvmAttacks.Names.Select(attack => PageCell.Of(results.At(row.Name, attack, alarms).Found)),
            .. MvmAttacks.Names.Select((attack, i) => i == 0 || row.IsFitted ? PageCell.Of(results.At(row.Name, attack, alarms).False)
                : PageCell.Of("the same")),
        ]))])
    {
        Note = "A detector that is fitted anew for each attack has other false alarms for each.",
    };

    private PageSection Adaptive() => new(_verdict.AdaptiveTitle())
    {
        Text =
        [
            $"The detector with {task.Samples} and the threshold for 5 % of false alarms, on {results.Unseen[MvmAdaptive.Knowing].Fooled.Length} images "
                + "of the second half. An attack succeeds unseen where the network is fooled and the entropy of " +
            $"{size.Draws} fresh passes stays at or under the threshold.",
        ],
        Tables = [new PageTable("", "attack", ["fools the network", "fools it unseen", "area under the ROC curve"],
            [.. _verdict.All().Select(each => new PageRow(each.Name,
            [PageCell.Of(each.Fooled), PageCell.Of(each.Unseen), PageCell.Of(each.Area, null, NumberUnit.Decimals, 3)]) { Description =
                Describe(each.Name) })])],
    };

    private string Describe(string attack) => attack switch
    {
        MvmAdaptive.Overshooting => "knows no detector, but goes on when the image is misclassified",
        MvmAdaptive.Knowing =>
            FormattableString.Invariant($"margin of the logits and the excess over the threshold, {size.Adaptive.Steps} steps of ε/10 within ε ")
            + FormattableString.Invariant($"{task.Epsilon}; sees the entropy of the mean of {size.Adaptive.Draws} fresh passes at each step"),
        _ => "knows no detector",
    };

    private PageTable Attacks() => new("", "attack", ["fools the network", "mean L2 of the change"],
        [.. MvmAttacks.Names.Select((attack, number) =>
            new PageRow(attack, [PageCell.Of(results.Fooled(attack), task.Fooled?[number]), PageCell.Of(results.Change(attack))])
            {
                Description = MvmAttacks.Describe(attack, task),
            })])
    {
        Note = "The paper prints the accuracy under attack, of all test images; here it stands as 1 minus that.",
    };

    private static double? Of(MvmRow row, string attack) => row.Paper.TryGetValue(attack, out var area) ? area : null;
}
