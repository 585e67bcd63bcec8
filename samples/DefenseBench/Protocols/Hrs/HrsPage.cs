using Defenses.Evaluation.Reporting;
using Defenses.Evaluation.Reporting.Pages;
using Defenses.Metrics;
using Defenses.Statistics;

namespace DefenseBench.Protocols.Hrs;

/// <summary>Turns what was measured into the page.</summary>
internal sealed class HrsPage(HrsResults results, HrsSizes size, Digits data)
{
    private const string FewEpochs = "Fewer epochs and training images than the paper's 40 epochs on all.";
    private readonly HrsTables _tables = new(results, size, data);
    private readonly HrsFigures _figures = new(results);

    private Proportion? Published => results.Rate(results.Widest, "CW-PGD", HrsAttack.Published);

    private Proportion? Repaired => results.Rate(results.Widest, "CW-PGD", HrsAttack.Repaired);

    private Proportion? Exact => results.Rate(results.Widest, "CW-PGD", HrsAttack.Exact);

    private Proportion? Unprotected => results.Rate(results.Base, "CW-PGD", HrsAttack.Repaired);

    internal Page Make() => new()
    {
        Eyebrow = $"HRS: the paper's experiments again, {data.Test.Name}",
        Title = results.IsUntrained ? "The networks have not learnt their task: nothing follows" : $"{results.Widest.Name} keeps targeted attacks from {Percent(Published)} of their targets when attacked as published, and from {Percent(Exact)} when the attack looks at all paths.",
        Lead =
        [
            $"Hierarchical random switching answers each question along a random path through separately trained channels. The same attack, CW-PGD at ε = {results.Headline}/255, was run three ways.",
            $"As in the authors' code it starts in a corner and takes steps several times ε: {Interval(Published)} of targets are missed. With valid steps it is {Interval(Repaired)}, and with the exact mean over all "
                + $"{results.Widest.Paths!.Paths.Count} paths {Interval(Exact)}. The unprotected network, attacked with valid steps, is at {Interval(Unprotected)}.",
        ],
        Tiles =
        [
            new("Base accuracy", Words(results.Accuracy["base"]), "without attack"), new("HRS accuracy", Words(results.Paths.Mean), "mean over all paths"),
            new("Images", $"{size.Images}", "towards 9 targets each"), new("Paths", $"{results.Widest.Paths!.Paths.Count}", results.Widest.Name),
        ],
        Findings = [.. new HrsFindings(results, size).All()],
        Sections = [Accuracy(), Attacks(), Search(), AllPaths(), Gradients(), Efficiency(), Blocks(), .. results.Programs.Count > 0 ? [Programs()] : Array.Empty<PageSection>()],
        Method =
        [
            new("Data", $"{data.Train.Name}; {Math.Min(size.Training.Images, data.Train.Count)} images, {size.Training.Epochs} epochs for each network and channel, rate {size.Rate}, batches of {size.Batch}"),
            new("Targets", $"the first {size.Images} test images, recognised or not, each towards its 9 other classes; a target counts when a single answer is exactly that class"),
            new("Counting", $"switching networks exactly over all paths, others by {size.JudgeDraws} fresh draws; intervals are exact (Clopper–Pearson) with images as trials, for the targets of one image go together"),
            new("Network", Network()),
            new("Adversarial training", $"against {Hardening()}; the paper has it on CIFAR-10 only"),
            new("Published attacks", "the library's presets: PGD and CW-PGD from the corner x − min(x, ε), Adam with rate 0.1 on the sign (PGD) or the raw gradient (CW-PGD); FGSM is clipped to the bounds, which the authors' code leaves out"),
            new("Repaired attacks", $"a random start in the ball, steps of ε/10, one climb of {size.Steps} steps"),
            new("Adaptive attacks", $"CW-PGD on the mean of {size.EotDraws} draws (EOT), on the exact mean over all paths, and, without a look at the defense, on the mean of {size.BlockChannels} whole networks of the attacker's own (transfer); ARC for untargeted attacks"),
            new("HRS of fewer channels", "the first channels of each block of the widest network, whose upper channels were trained above all lower ones"),
            .. results.Programs.Count > 0
                ? (PageEntry[])[new("Reprogramming", $"a locally connected layer, kernel 3, ReLU and tanh, trained on {Math.Min(size.Reprogramming.Images, 60_000)} digits in {size.Reprogramming.Epochs} epochs", "the paper: all digits, 50 epochs")]
                : [new("Left out", "adversarial reprogramming: it turns a colour network to digits, so it runs with --dataset cifar10")],
        ],
    };

    private PageSection Accuracy() => new("What it costs: accuracy without an attack")
    {
        Text = ["Random paths cost little accuracy, because each path is a whole network. Every path was counted, not drawn: the mean is exact for these test images."],
        Tables = [_tables.Accuracy(FewEpochs), _tables.Paths()],
    };

    private PageSection Attacks() => new("The same defenses under published, repaired and adaptive attacks")
    {
        Text =
        [
            "The share of targets that an attack does not reach (defense rate). Published: the settings of the authors' code. Repaired: valid steps and start. EOT and all paths: the attacker knows that the network draws.",
            "A repaired or adaptive attack that does more harm shows that the published one had failed, not that the defense had held.",
        ],
        Tables = [_tables.Attacks()],
        Figures = [_figures.OverStrength(results.Widest), _figures.OverStrength(results.Base)],
    };

    private PageSection Search() => new("C&W: how far must an image move?")
    {
        Text = ["C&W looks for the smallest change that reaches the target; κ is the margin that it asks for. Against a random network it may stop at the boundary of one draw: then the attacker sees success and the next draw does not."],
        Tables = [_tables.Searches()],
    };

    private PageSection Programs() => new("Section 7: can the network be made to do another task?")
    {
        Text = ["The attacker trains a layer in front of the network, whose weights stay as they are, until its answers sort handwritten digits. The paper says that random switching makes this hard; here the attacker may also look at all paths, or at a mean of draws, in each step."],
        Tables = [_tables.Programs()], Figures = [_figures.Programs()],
    };

    private PageSection AllPaths() => new("The easiest attack: any wrong class, with all paths known")
    {
        Text = ["Targeted attacks are harder than need be. Here the attacker only wants an error. The share of answers that stay right, over all paths exactly, for images as they are (recognised or not)."],
        Tables = [_tables.Untargeted()],
    };

    private PageSection Gradients() => new("Table 1: how much gradients differ between draws")
    {
        Text =
        [
            "The paper explains its defense by the deviation of the input gradient: the less an attacker can trust a gradient, the better. It does not say what was done to the gradients before; its largest values fit their signs (1: as often up as down).",
        ],
        Tables = [_tables.Gradients()], Figures = [_figures.Gradients()],
    };

    private PageSection Efficiency() => new("Table 2 and figure 2: what is gained for what it costs")
    {
        Text =
        [
            $"DES = gain in defense rate / (loss of accuracy + 0.002), averaged over the strengths of each family whose defense rates lie in a common range, at ε = {results.Headline}/255. The score divides by a small number: look at the gains and losses in the figures.",
        ],
        Tables = [_tables.Efficiency(HrsAttack.Published), _tables.Efficiency(HrsAttack.Repaired)],
        Figures = [_figures.Trade(HrsAttack.Published), _figures.Trade(HrsAttack.Repaired)],
    };

    private PageSection Blocks() => new("Table A3: one, two and three blocks")
    {
        Text = ["More blocks make more paths of the same channels. The paper does not say how the network is cut into three; our cuts are after the first pool and after the first dense layer. Two blocks are the first channels of the widest network."],
        Tables = [_tables.Blocks(FewEpochs)],
    };

    private string Network() => data.IsColour
        ? $"the paper's for CIFAR-10 with {size.Width} and {2 * size.Width} filters{(size.Width < 64 ? " in place of 64 and 128: a smaller network for a quick look" : "")}; dropout {size.TrainingDropout} while training{(size.TrainingDropout < 0.7 ? " in place of the code's 0.7, for so few epochs" : "")}"
        : $"the paper's for MNIST, 32 and 64 filters; dropout {size.TrainingDropout} while training";

    private string Hardening() => size.Hardening.Steps == 1 ? "one step of 1.25 ε from a random start" : $"PGD of {size.Hardening.Steps} steps";

    private static string Percent(Proportion? rate) => rate is null ? "–" : FormattableString.Invariant($"{100 * rate.Rate:0}\u202F%");

    private static string Words(Proportion rate) => FormattableString.Invariant($"{100 * rate.Rate:0.0}\u202F%");

    private static string Interval(Proportion? rate) => rate is null ? "–" : FormattableString.Invariant($"{100 * rate.Rate:0}\u202F% (between {100 * rate.Lower:0} and {100 * rate.Upper:0})");
}
