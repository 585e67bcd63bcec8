using Defenses.Metrics;
using Defenses.Pages;
using Defenses.Statistics;
using static Defenses.Papers.TextFormat;

namespace Defenses.Papers;

/// <summary>Turns what was measured into the page.</summary>
internal sealed class HrsPage(HrsResults results, HrsSizes size, RunData data)
{
    private const string FewEpochs = "Fewer epochs and training images than the paper's 40 epochs on all.";
    private readonly HrsTables _tables = new(results, size, data);
    private readonly HrsEfficiency _efficiency = new(results, data.Key);
    private readonly HrsFigures _figures = new(results);

    private Proportion? Published => results.Rate(results.Widest, "CW-PGD", HrsAttack.Published);

    private Proportion? Repaired => results.Rate(results.Widest, "CW-PGD", HrsAttack.Repaired);

    private Proportion? Exact => results.Rate(results.Widest, "CW-PGD", HrsAttack.Exact);

    internal Page Make() => new()
    {
        Eyebrow = $"HRS: the paper's experiments again, {data.Test.Name}",
        Title = results.IsUntrained ? "The networks have not learnt their task: nothing follows"
            : $"{results.Widest.Name} keeps targeted attacks from {Percent(Published)} of their targets when attacked as published, and from "
            + $"{Percent(Exact)} when the attack looks at all paths.",
        Lead =
        [
            $"Hierarchical random switching answers each question along a random path through separately trained channels. Attackers tried to push images "
                + "to a class of their choice; a target missed is a success of the defense.",
            $"The same attack, CW-PGD at ε = {results.Headline}/255, was run three ways. With the settings of the authors' code (a start in a corner, "
                + $"steps several times ε) {Interval(Published)} of targets are missed, with valid steps {Interval(Repaired)}, "
                + $"and when the attack looks at all {results.Widest.Paths!.Paths.Count} paths {Interval(Exact)}.",
            Meaning(),
        ],
        Tiles =
        [
            new("Base accuracy", Words(results.Accuracy["base"]), "without attack"), new("HRS accuracy", Words(results.Paths.Mean), "mean over all paths"),
            new("Images", $"{size.Images}", "towards 9 targets each"), new("Paths", $"{results.Widest.Paths!.Paths.Count}", results.Widest.Name),
        ],
        Findings = [.. new HrsFindings(results, size).All()],
        Sections =
        [
            new HrsClaims(results, data.Key).Section(), Accuracy(), Attacks(), Search(), AllPaths(), Gradients(), Efficiency(), Blocks(),
            .. results.Programs.Count > 0 ? [Programs()] : Array.Empty<PageSection>(),
        ],
        Method = [.. new HrsMethod(results, size, data).Entries()],
    };

    // Each with the attack that is worst for each image: a defense must hold against all of them. Compared image by image, as in findings and claims.
    private string Meaning()
    {
        var (own, plain) = (results.WorstByImage(results.Widest), results.WorstByImage(results.Base));
        var gain = SuccessRates.Gain(own, plain);
        return $"For you: by the attack that is worst for each image {results.Widest.Name} keeps {Interval(own.DefenseRate)} of targets from the attacker, "
            + $"the unprotected network {Interval(plain.DefenseRate)}: a difference of {Points(gain)} points. "
            + (results.IsUntrained ? "But the networks have not learnt their task, so nothing follows." : gain.Lower > 0
                ? "It makes targeted attacks harder; whether it stops an attacker who only wants an error is another question, answered below."
            : "That may be chance: these images do not show that switching protects.");
    }

    private PageSection Accuracy() => new("What it costs: accuracy without an attack")
    {
        Text = ["Each path is a whole network. Every path was counted, not drawn: the mean is exact for these test images."],
        Tables = [_tables.Accuracy(FewEpochs), _tables.Paths()],
    };

    private PageSection Attacks() => new("The same defenses under published, repaired and adaptive attacks")
    {
        Text =
        [
            "The share of targets that an attack does not reach (defense rate). Published: the settings of the authors' code. Repaired: valid steps and "
                + "start. EOT and all paths: the attacker knows that the network draws.",
            "The lower, the better the attack. Where a repaired or adaptive attack does more harm, the published one had failed, and the defense had not "
                + "held; where it does less, the last column has the one that counts.",
        ],
        Tables = [_tables.Attacks()],
        Figures = [_figures.OverStrength(results.Widest), _figures.OverStrength(results.Base)],
    };

    private PageSection Search() => new("C&W: how far must an image move?")
    {
        Text = ["C&W looks for the smallest change that reaches the target; κ is the margin that it asks for. Against a random network it may stop at the "
            + "boundary of one draw: then the attacker sees success and the next draw does not."],
        Tables = [_tables.Searches()],
    };

    private PageSection Programs() => new("Section 7: can the network be made to do another task?")
    {
        Text = ["The attacker trains a layer in front of the network, whose weights stay as they are, until its answers sort digits "
            + $"({results.Programs[0].Task}). The paper says that random switching makes this hard; here the attacker may also look at all paths, or at a mean "
            + "of draws, in each step."],
        Tables = [_tables.Programs()], Figures = [_figures.Programs()],
    };

    private PageSection AllPaths() => new("The easiest attack: any wrong class, with all paths known")
    {
        Text = ["Targeted attacks are harder than need be. Here the attacker only wants an error. The share of answers that stay right, over all paths "
            + "exactly, for images as they are (recognised or not)."],
        Tables = [_tables.Untargeted()],
    };

    private PageSection Gradients() => new("Table 1: how much gradients differ between draws")
    {
        Text =
        [
            "The paper explains its defense by the deviation of the input gradient: the less an attacker can trust a gradient, the better. It does not "
                + "say what was done to the gradients before; its largest values fit their signs (1: as often up as down).",
        ],
        Tables = [_tables.Gradients()], Figures = [_figures.Gradients()],
    };

    private PageSection Efficiency() => new("Table 2 and figure 2: what is gained for what it costs")
    {
        Text =
        [
            $"DES = gain in defense rate / (loss of accuracy + 0.002), averaged over the strengths of each family whose defense rates lie in a common "
                + $"range, at ε = {results.Headline}/255. The score divides by a small number: look at the gains and losses in the figures.",
        ],
        Tables = [_efficiency.Table(HrsAttack.Published), _efficiency.Table(HrsAttack.Repaired)],
        Figures = [_figures.Trade(HrsAttack.Published), _figures.Trade(HrsAttack.Repaired)],
    };

    private PageSection Blocks() => new("Table A3: one, two and three blocks")
    {
        Text = ["More blocks make more paths of the same channels. The paper does not say how the network is cut into three; our cuts are after the first "
            + "pool and after the first dense layer. Two blocks are the first channels of the widest network."],
        Tables = [_tables.Blocks(FewEpochs)],
    };

    private static string Words(Proportion rate) => FormattableString.Invariant($"{100 * rate.Rate:0.0}\u202F%");

    private static string Interval(Proportion? rate) => rate is null ? "–"
        : FormattableString.Invariant($"{100 * rate.Rate:0}\u202F% (between {100 * rate.Lower:0} and {100 * rate.Upper:0})");
}
