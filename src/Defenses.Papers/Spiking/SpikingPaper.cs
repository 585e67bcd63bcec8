namespace Defenses.Papers;

/// <summary>Numbers of the paper and of its code: results and settings.</summary>
internal static class SpikingPaper
{
    /// <summary>What the paper prints of a scheme: test errors in percent (Table 2), L2 of C&amp;W on one model and on eight (Tables 4 and 5), for MNIST,
    /// Fashion-MNIST and CIFAR-10.</summary>
    private static readonly Dictionary<string, (double[] Error, double[] One, double[] Eight)> s_schemes = new()
    {
        ["standard"] = ([0.77, 4.94, 4.38], [2.12, 0.12, 0.17], [2.50, 0.22, 0.25]),
        ["dropout"] = ([0.67, 4.75, 4.46], [1.80, 0.14, 0.17], [2.29, 0.25, 0.26]),
        ["distillation"] = ([0.78, 4.81, 4.33], [2.02, 0.13, 0.17], [2.37, 0.24, 0.33]),
        ["RS-1"] = ([0.88, 5.34, 5.59], [2.06, 0.31, 0.32], [2.77, 0.54, 0.49]),
        ["RS-1-dropout"] = ([0.71, 5.32, 5.81], [1.79, 0.36, 0.32], [2.77, 0.61, 0.51]),
        ["RS-1-adv"] = ([0.98, 5.49, 6.20], [2.36, 0.56, 0.39], [3.18, 1.04, 0.64]),
        ["MagNet"] = ([0.87, 5.36, 5.52], [2.22, 0.28, 0.29], [2.68, 0.54, 0.47]),
        ["dropout-adv"] = ([0.69, 4.76, 4.71], [2.44, 0.33, 0.18], [2.93, 0.57, 0.29]),
        ["RC"] = ([0.77, 5.39, 5.72], [], []),
    };

    /// <summary>Table 2: the accuracy as deployed, the mean of 16 models; null where the paper has none.</summary>
    internal static double? Accuracy(string scheme, string dataSet) => 1 - Of(scheme, dataSet, each => each.Error) / 100;

    /// <summary>Tables 4 and 5: mean L2 of targeted C&amp;W examples of confidence 0; null where the paper has none.</summary>
    /// <param name="joint">Whether eight models are attacked together; otherwise one.</param>
    internal static double? Distance(string scheme, double margin, string dataSet, bool joint) =>
        margin == 0 ? Of(scheme, dataSet, each => joint ? each.Eight : each.One) : null;

    /// <summary>Unchanged predictions under Gaussian noise of an L2 length, as the text has them.</summary>
    internal static double? UnderNoise(string scheme, double distance, string dataSet) => (dataSet, scheme, distance) switch
    {
        ("fashion-mnist", "RS-1-adv", 2.5) => 0.874, ("fashion-mnist", "dropout-adv", 2.5) => 0.86,
        ("cifar10", "RS-1-adv", 2.5) => 0.879, ("cifar10", "RS-1-dropout", 2.5) => 0.817, ("cifar10", "RS-1", 2.5) => 0.83, _ => null,
    };

    /// <summary>Unchanged predictions under JPEG of a quality, as the text has them.</summary>
    internal static double? UnderJpeg(string scheme, double quality, string dataSet) => (dataSet, scheme, quality) switch
    {
        ("fashion-mnist", "RS-1-adv", 10) => 0.852, ("fashion-mnist", "RS-1-dropout", 10) => 0.809, ("fashion-mnist", "RS-1", 10) => 0.844,
        ("cifar10", "RS-1-adv", 10) => 0.609, ("cifar10", "RS-1-dropout", 10) => 0.556, ("cifar10", "RS-1", 10) => 0.554, _ => null,
    };

    private static double? Of(string scheme, string dataSet, Func<(double[] Error, double[] One, double[] Eight), double[]> table)
    {
        var place = Array.IndexOf(["mnist", "fashion-mnist", "cifar10"], dataSet);
        return place >= 0 && s_schemes.TryGetValue(scheme, out var row) && table(row) is { Length: > 0 } values ? values[place] : null;
    }

    /// <summary>A setting of this run beside the paper's for the data set.</summary>
    internal static IEnumerable<(string What, double Ours, double Paper)> Settings(SpikingSizes sizes, string dataSet)
    {
        var grey = dataSet is not ("cifar10" or "fashion-mnist");   // drawn digits stand in for MNIST's
        yield return ("epochs of a model's training", sizes.Training.Epochs, grey ? 50 : 200);
        yield return ("images in a training step", sizes.Training.Batch, 128);
        yield return ("share of the first feature map that is replaced", 1 - SchemeTraining.KeepProbability, 0.2);
        yield return ("draws behind a decision", SchemeModel.DecisionDraws, 10);
        yield return ("models of a scheme attacked together", sizes.Models.Surrogates, 8);
        yield return ("models of a scheme to validate and test on", sizes.Models.Validators, 8);
        yield return ("other validation models that an example must fool to be sent", SchemeTransfer.Needed(sizes.Models.Validators - 1), 5);
        yield return ("steps of C&W in a round", sizes.Search.Steps, 1_000);
        yield return ("rounds of C&W", sizes.Search.Rounds, 9);
        yield return ("draws behind a gradient of the attacker who averages (the code's samples)", sizes.EotDraws, 1);
        yield return ("points of the region", sizes.Region.Points, grey ? 10_000 : 1_000);
        yield return ("half-width of the region", sizes.Region.Radius, grey ? 0.4 : 0.02);
        yield return ("RS-1-adv: images attacked", sizes.Augmentation.PerConfidence * sizes.AugmentationMargins.Count, 12_000);
        yield return ("RS-1-adv: the most examples added", sizes.Augmentation.Most, 10_000);
        yield return ("RS-1-adv: the largest L2 of an example added", sizes.Augmentation.Largest, grey ? 3 : 1);
        yield return ("clean images that each detector of MagNet may refuse", sizes.MagNet.Refused, grey ? 0.001 : 0.004);
        yield return ("images behind the stability", sizes.Stability.Images, 1_000);
        yield return ("noises for each of them", sizes.Stability.Repeats, 20);
    }
}
