using Defenses.Pages;
using Defenses.Statistics;
using static Defenses.Papers.TextFormat;

namespace Defenses.Papers;

/// <summary>What the numbers say, for or against the paper. Defenses, and attacks on one, are compared image by image, as in the claims.</summary>
internal sealed class HrsFindings(HrsResults results, HrsSizes size)
{
    private Proportion Base => results.Accuracy["base"];

    private SuccessRates? Of(string setting) => results.Cell(results.Widest, "CW-PGD", setting);

    internal IEnumerable<Finding> All() => [.. Doubts(), .. Switching(), Order(), .. Hardened(), .. Reprogrammed()];

    private IEnumerable<Finding> Doubts()
    {
        if (results.IsUntrained)
            yield return new(Severity.Invalid, "The base network has not learnt its task",
                $"It recognises {Ranged(Base)} of the test images; attacks on it, and on what was trained alike, mean nothing.",
                TrainedWell.Advice);
        if (size.Images < 100)
            yield return new(Severity.Warning, "Few images",
                $"{Counted(size.Images, "image was", "images were")} attacked, so every defense rate is known within "
                + $"±{100 * 0.98 / Math.Sqrt(size.Images):0} points at most.",
                "Compare intervals; take more (--images), or --preset paper, for figures to rely on.");
        foreach (var weak in results.Defenses.Where(defense => !results.IsUntrained && !results.HasLearnt(defense)))
            yield return new(Severity.Warning, $"{weak.Name} has not learnt the task well",
                $"It recognises {Ranged(results.Accuracy[weak.Name])} of the test images, the base {Ranged(Base)}: a network that is often wrong misses "
                + "targets, too.",
                "Train longer before comparing its defense rates.", weak.Name);
    }

    private IEnumerable<Finding> Switching()
    {
        var (name, own, plain) = (results.Widest.Name, results.WorstByImage(results.Widest), results.WorstByImage(results.Base));
        if (Of(HrsAttack.Exact) is not { } exact || Of(HrsAttack.Published) is not { } published) yield break;
        var weaker = SuccessRates.Gain(exact, published);
        var missed = $"The attack of the authors' code misses {Ranged(published.DefenseRate)} of the targets, the one that looks at all paths "
            + Ranged(exact.DefenseRate);
        yield return weaker.Upper < 0
            ? new(Severity.Warning, "The published attack is too weak",
                $"Of the targets {Ranged(published.DefenseRate)} are missed by the attack of the authors' code, {Ranged(exact.DefenseRate)} by the one that "
                + $"looks at all paths ({Points(weaker)} points): a part of the published robustness is a failure of the optimisation.",
                "Rely on the exact attack.", name)
            : weaker.Lower > 0
            ? new(Severity.Note, "The attack on all paths does less harm than the published one",
                $"{missed} ({Points(weaker)} points).", "Rely on the worst of both.", name)
            : new(Severity.Note, "Published and exact attack do not differ clearly",
                $"{missed}; the difference, {Points(weaker)} points, may be chance.", "Attack more images to tell.", name);
        var gain = SuccessRates.Gain(own, plain);
        var words = $"By the attack that is worst for each image {name} holds {Ranged(own.DefenseRate)} of targets, the unprotected network "
            + $"{Ranged(plain.DefenseRate)} ({Points(gain)} points)";
        yield return gain.Lower <= 0
            ? new(Severity.Note, "No clear gain against the worst attack", $"{words}: the difference may be chance.", "Attack more images to tell.", name)
            : new(Severity.Note, "A gain remains against the worst attack", $"{words}.", "Look at the easier goal, any wrong class, too.", name);
        if (Of(HrsAttack.Transferred) is { } blind && SuccessRates.Gain(blind, published).Upper < 0)
            yield return new(Severity.Warning, "Transfer beats the published attack",
                $"Networks that the attacker trained himself, without a look at the defense, leave {Ranged(blind.DefenseRate)} of targets missed, "
                + $"the published attack {Ranged(published.DefenseRate)}.", "A white-box attack that loses against transfer is broken.", name);
    }

    private Finding Order()
    {
        SuccessRates Published(HrsDefense defense) => results.Cell(defense, "CW-PGD", HrsAttack.Published)!;
        var own = Published(results.Widest);
        var rival = results.Main.Where(defense => defense.Model.IsRandom && defense != results.Widest).MaxBy(defense => Published(defense).DefenseRate.Rate)!;
        var gain = SuccessRates.Gain(own, Published(rival));
        var words = $"Under the published CW-PGD {results.Widest.Name} holds {Ranged(own.DefenseRate)} of targets, the best other random defense "
            + $"({rival.Name}) {Ranged(Published(rival).DefenseRate)}: {Points(gain)} points.";
        return gain.Lower > 0
            ? new Finding(Severity.Note, "The paper's order is found", words, "Look at the order under the repaired attacks, too.")
            : gain.Upper < 0
            ? new Finding(Severity.Warning, "The paper's order is not found", words, "Fewer channels, epochs and images than in the paper may be the reason.")
            : new Finding(Severity.Note, "Whether switching holds the most, as the paper says, is open", words, "Attack more images to tell.");
    }

    private IEnumerable<Finding> Hardened()
    {
        if (results.Main.FirstOrDefault(defense => defense.Family == "adv. training" && results.HasLearnt(defense)) is not { } hardened) yield break;
        var (own, switching) = (results.WorstByImage(hardened), results.WorstByImage(results.Widest));
        var more = SuccessRates.Gain(own, switching);
        var words = $"By the worst attack for each image {hardened.Name} holds {Ranged(own.DefenseRate)} of targets, {results.Widest.Name} "
            + $"{Ranged(switching.DefenseRate)} ({Points(more)} points)";
        if (more.Lower > 0) yield return new(Severity.Warning, "Adversarial training holds more than switching", $"{words}.",
            "Compare what both cost in accuracy.", hardened.Name);
        else if (more.Upper < 0) yield return new(Severity.Note, "Switching holds more than adversarial training", $"{words}.",
            "Adversarial training with more steps and epochs may hold more.", hardened.Name);
        else yield return new(Severity.Note, "Adversarial training and switching do not differ clearly", $"{words}: that may be chance.",
            "Attack more images to tell.", hardened.Name);
    }

    private IEnumerable<Finding> Reprogrammed()
    {
        if (results.Programs.Count == 0) yield break;
        HrsProgram Best(HrsDefense defense) => results.Programs.Where(program => program.Defense == defense.Name && program.Kernel == 3)
            .MaxBy(program => program.Accuracy.Rate)!;
        var (plain, switching) = (Best(results.Base), Best(results.Widest));
        var words = $"Through a trained layer the unprotected network recognises {Ranged(plain.Accuracy)} of the digits, {results.Widest.Name} "
            + $"{Ranged(switching.Accuracy)} (attacker's best: {switching.Setting})";
        if (!plain.IsOnMnist)
            yield return new(Severity.Warning, "The attacker's digits are not MNIST's",
                $"MNIST is not in the data folder. The layer was trained for other digits ({plain.Task}).",
                "Put MNIST into the data folder before comparing with the paper.");
        var lost = ProportionDifference.Between(plain.Accuracy, switching.Accuracy);
        if (plain.Accuracy.Lower < TrainedWell.LeastAccuracy)
            yield return new(Severity.Warning, "The attacker's layer has not learnt",
                $"{words}: where the unprotected network cannot be made to do the task, nothing follows for another one.",
                "Train the layer longer, with more digits.");
        else yield return lost.Lower > 0
            ? new(Severity.Note, "Switching hinders reprogramming", $"{words}.",
                "It hinders it; it need not prevent it: look at the figure and at longer training.", results.Widest.Name)
            : lost.Upper >= 0
            ? new(Severity.Note, "Whether switching hinders reprogramming is open", $"{words}; that may be chance. The paper says that it does.",
                "Train the attacker's layer longer, with more digits.", results.Widest.Name)
            : new(Severity.Warning, "Switching does not hinder reprogramming here", $"{words}. The paper says that it does.",
                "Train the attacker's layer longer, with more digits, before believing either.", results.Widest.Name);
    }
}
