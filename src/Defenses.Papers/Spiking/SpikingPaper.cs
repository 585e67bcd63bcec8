namespace Defenses.Papers;

/// <summary>Numbers of the paper and of its code: results and settings.</summary>
internal static class SpikingPaper
{
    private static readonly string[] s_sets = ["mnist", "fashion-mnist", "cifar10"];

    /// <summary>What the paper prints of a scheme, each with its deviation: test errors in percent over 16 models (Table 2), L2 of C&amp;W on one model and on
    /// eight over examples (Tables 4 and 5), for MNIST, Fashion-MNIST and CIFAR-10.</summary>
    private static readonly Dictionary<string, ((double Mean, double Deviation)[] Error, (double, double)[] One, (double, double)[] Eight)> s_schemes = new()
    {
        ["standard"] = ([(0.77, 0.05), (4.94, 0.19), (4.38, 0.21)], [(2.12, 0.69), (0.12, 0.08), (0.17, 0.08)], [(2.50, 0.77), (0.22, 0.15), (0.25, 0.10)]),
        ["dropout"] = ([(0.67, 0.07), (4.75, 0.09), (4.46, 0.25)], [(1.80, 0.52), (0.14, 0.07), (0.17, 0.08)], [(2.29, 0.65), (0.25, 0.13), (0.26, 0.10)]),
        ["distillation"] = ([(0.78, 0.05), (4.81, 0.18), (4.33, 0.27)], [(2.02, 0.63), (0.13, 0.08), (0.17, 0.07)],
            [(2.37, 0.71), (0.24, 0.14), (0.33, 0.13)]),
        ["RS-1"] = ([(0.88, 0.09), (5.34, 0.10), (5.59, 0.22)], [(2.06, 0.76), (0.31, 0.16), (0.32, 0.14)], [(2.77, 0.82), (0.54, 0.25), (0.49, 0.18)]),
        ["RS-1-dropout"] = ([(0.71, 0.07), (5.32, 0.17), (5.81, 0.27)], [(1.79, 0.86), (0.36, 0.21), (0.32, 0.15)],
            [(2.77, 0.93), (0.61, 0.30), (0.51, 0.18)]),
        ["RS-1-adv"] = ([(0.98, 0.11), (5.49, 0.16), (6.20, 0.40)], [(2.36, 0.80), (0.56, 0.30), (0.39, 0.18)], [(3.18, 0.88), (1.04, 0.44), (0.64, 0.23)]),
        ["MagNet"] = ([(0.87, 0.06), (5.36, 0.17), (5.52, 0.24)], [(2.22, 0.65), (0.28, 0.15), (0.29, 0.21)], [(2.68, 0.75), (0.54, 0.25), (0.47, 0.24)]),
        ["dropout-adv"] = ([(0.69, 0.07), (4.76, 0.11), (4.71, 0.19)], [(2.44, 0.66), (0.33, 0.15), (0.18, 0.07)],
            [(2.93, 0.70), (0.57, 0.23), (0.29, 0.10)]),
        ["RC"] = ([(0.77, 0.11), (5.39, 0.23), (5.72, 0.46)], [], []),
    };

    /// <summary>The data set whose figures claims are taken from: of drawn digits those for MNIST.</summary>
    internal static string NearestSet(string dataSet) => s_sets.Contains(dataSet) ? dataSet : "mnist";

    /// <summary>Table 2: the accuracy as deployed, the mean of 16 models; null where the paper has none.</summary>
    internal static double? Accuracy(string scheme, string dataSet) => 1 - Of(scheme, dataSet, each => each.Error)?.Mean / 100;

    /// <summary>Table 2: the deviation of the accuracy over 16 models; null where the paper has none.</summary>
    internal static double? AccuracyDeviation(string scheme, string dataSet) => Of(scheme, dataSet, each => each.Error)?.Deviation / 100;

    /// <summary>Tables 4 and 5: mean L2 of targeted C&amp;W examples of confidence 0; null where the paper has none.</summary>
    /// <param name="joint">Whether eight models are attacked together; otherwise one.</param>
    internal static double? Distance(string scheme, double margin, string dataSet, bool joint) =>
        margin == 0 ? Of(scheme, dataSet, each => joint ? each.Eight : each.One)?.Mean : null;

    /// <summary>Tables 4 and 5: the deviation of the same over examples; null where the paper has none.</summary>
    internal static double? DistanceDeviation(string scheme, double margin, string dataSet, bool joint) =>
        margin == 0 ? Of(scheme, dataSet, each => joint ? each.Eight : each.One)?.Deviation : null;

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

    /// <summary>What the text says of unchanged predictions under noise of an L2 length where it prints no number; null where it says nothing.</summary>
    internal static string? WordsOnNoise(string scheme, double distance, string dataSet) => (dataSet, distance) switch
    {
        ("mnist", _) when scheme == "MagNet" => distance > 1 ? "near 0" : null,
        ("mnist", > 0) => "most schemes above 99\u202F%",
        ("fashion-mnist", 2.5) when UnderNoise(scheme, distance, dataSet) is null => "about 60\u202F%",
        ("cifar10", 2.5) when UnderNoise(scheme, distance, dataSet) is null => "at most 70\u202F%", _ => null,
    };

    /// <summary>The same under JPEG of a quality.</summary>
    internal static string? WordsOnJpeg(string scheme, double quality, string dataSet) => (dataSet, quality) switch
    {
        ("mnist", _) when scheme == "MagNet" => quality <= 40 ? "below 20\u202F%" : quality == 70 ? "about 50\u202F%" : null,
        ("mnist", 10) => "above 99\u202F%",
        ("fashion-mnist", 10) when UnderJpeg(scheme, quality, dataSet) is null => "at most 80\u202F%",
        ("cifar10", 10) when UnderJpeg(scheme, quality, dataSet) is null => "at most 50\u202F%", _ => null,
    };

    private static (double Mean, double Deviation)? Of(string scheme, string dataSet,
        Func<((double, double)[] Error, (double, double)[] One, (double, double)[] Eight), (double, double)[]> table)
    {
        var place = Array.IndexOf(s_sets, dataSet);
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
