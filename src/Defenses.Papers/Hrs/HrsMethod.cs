
using Defenses.Pages;

namespace Defenses.Papers;

/// <summary>How the protocol measured, in words.</summary>
internal sealed class HrsMethod(HrsResults results, HrsSizes size, RunData data)
{
    internal IEnumerable<PageEntry> Entries() =>
    [
        new("Data", $"{data.Train.Name}; {Math.Min(size.Training.Images, data.Train.Count)} images, "
            + $"{TextFormat.Counted(size.Training.Epochs, "epoch", "epochs")} for each network and channel, rate {size.Rate}, batches of {size.Batch}"),
        new("Targets", $"the first {size.Images} test images, recognised or not, each towards its 9 other classes; a target counts when a single answer "
            + "is exactly that class"),
        new("Counting", $"switching networks exactly over all paths, others by {size.JudgeDraws} fresh draws; intervals are exact (Clopper–Pearson) with "
            + "images as trials, for the targets of one image go together; of two defenses' difference, with the correlation over the same images"),
        new("Network", Network()),
        new("Adversarial training", $"against {Hardening()}; the paper has it on CIFAR-10 only"),
        new("Published attacks", "the library's presets: PGD and CW-PGD from the corner x − min(x, ε), Adam with rate 0.1 on the sign (PGD) or the raw "
            + "gradient (CW-PGD); FGSM is clipped to the bounds, which the authors' code leaves out"),
        new("Repaired attacks", $"a random start in the ball, steps of ε/10, one climb of {size.Steps} steps"),
        new("Adaptive attacks", $"CW-PGD on the mean of {size.EotDraws} draws (EOT), on the exact mean over all paths, and, without a look at the "
            + $"defense, on the mean of {size.BlockChannels} whole networks of the attacker's own (transfer); ARC for untargeted attacks"),
        new("HRS of fewer channels", "the first channels of each block of the widest network, whose upper channels were trained above all lower ones"),
        .. results.Programs.Count > 0
            ? (PageEntry[])[new("Reprogramming",
                $"a locally connected layer, kernel 3 (before the base and {results.Widest.Name} kernel 2, too), ReLU and tanh, trained on "
                + $"{Math.Min(size.Reprogramming.Images, 60_000)} digits in "
                + $"{TextFormat.Counted(size.Reprogramming.Epochs, "epoch", "epochs")}, measured on the {results.Programs[0].Task}",
                "the paper: all digits of MNIST, 50 epochs")]
            : [new("Left out", "adversarial reprogramming: it turns a colour network to digits, so it runs with --dataset cifar10")],
    ];

    private string Network() => data.IsColor
        ? $"the paper's for CIFAR-10 with {size.Width} and {2 * size.Width} "
            + $"filters{(size.Width < 64 ? " in place of 64 and 128: a smaller network for a quick look" : "")}; dropout {size.TrainingDropout} while "
            + $"training{(size.TrainingDropout < 0.7 ? " in place of the code's 0.7, for so few epochs" : "")}"
        : $"the paper's for MNIST, 32 and 64 filters; dropout {size.TrainingDropout} while training";

    private string Hardening() => size.Hardening.Steps == 1 ? "one step of 1.25 ε from a random start" : $"PGD of {size.Hardening.Steps} steps";
}
