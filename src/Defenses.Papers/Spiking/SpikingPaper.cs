namespace Defenses.Papers;

/// <summary>Numbers of the paper and of its code that are known to us: its settings. Its tables of results are not.</summary>
internal static class SpikingPaper
{
    /// <summary>What was looked through for its results, in a sentence.</summary>
    internal const string Missing =
        "None of the sources at hand prints the paper's tables and figures of results (accuracy, L2 of C&W on one and on eight models, transfer by L2 "
            + "distance, stability): neither its abstract and summaries nor its authors' code. Numbers from memory are no numbers.";

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
