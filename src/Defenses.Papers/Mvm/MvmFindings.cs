using Defenses.Detection;
using Defenses.Pages;
using Defenses.Statistics;
using static Defenses.Papers.TextFormat;

namespace Defenses.Papers;

/// <summary>What the numbers say, in words: the detector against attacks that know it and attacks that do not, and its order beside the paper's.</summary>
internal sealed class MvmFindings(MvmResults results, IReadOnlyList<MvmRow> rows, MvmTask task, Proportion accuracy)
{
    /// <summary>An attack that passes it on more images than this is not stopped.</summary>
    internal const double MostlyPassed = 0.5;

    /// <summary>An attack on the images that no threshold was chosen on.</summary>
    /// <param name="Passed">1 for each image on which the network is fooled and no alarm is raised, 0 for the others.</param>
    internal sealed record Against(string Name, Proportion Fooled, IReadOnlyList<double> Passed, Estimate Area)
    {
        internal Proportion Unseen => PairedShares.Rate(Passed);
    }

    internal string Title()
    {
        if (IsUntrained) return "The network has not learnt its task: nothing follows";
        return $"The paper's attacks pass the detector on at most {Percent(Best.Unseen)} of the images, one that {MvmAdaptive.GoesOn} on "
            + $"{Percent(Overshooting.Unseen)}, one that knows the detector on {Percent(Knowing.Unseen)}";
    }

    private bool IsUntrained => TrainedWell.Fails(accuracy);

    /// <summary>What that means for someone who must decide.</summary>
    internal string Meaning()
    {
        var areas = string.Join(", ", MvmAttacks.Names.Select(attack =>
            FormattableString.Invariant($"{results.Curve(task.Guard, attack).Auc:0.000} ({attack})")));
        return $"For you: with {task.Samples} the areas under the ROC curve are {areas}, where 1 is perfect and 0.5 a coin. "
            + Trust();
    }

    private string Trust()
    {
        if (Best.Unseen.Lower > MostlyPassed) return $"Do not count on it: already {Best.Name}, which knows nothing of it, passes it more often than not.";
        string[] stronger = [.. new[] { (Attack: Overshooting, Words: MvmAdaptive.GoesOn), (Attack: Knowing, Words: "knows of it") }
            .Where(each => IsBeyond(each.Attack)).Select(each => each.Words)];
        return stronger.Length > 0
            ? "That holds against the paper's attacks, which stop at their first success; do not count on it against an attacker who "
                + $"{string.Join(", or who ", stronger)}."
            : "No attack that was tried passes it clearly more often than the paper's; stronger ones may.";
    }

    internal string AdaptiveTitle() => Knowing.Unseen.Lower > MostlyPassed ? "Whoever knows the detector passes it"
        : More(Knowing).Lower > 0 ? "Whoever knows the detector passes it more often"
        : "An attack that knows the detector";

    /// <summary>The attack that knows no detector, but goes on when the image is misread.</summary>
    internal Against Overshooting => field ??= Of(MvmAdaptive.Overshooting);

    /// <summary>The attack that knows the detector.</summary>
    internal Against Knowing => field ??= Of(MvmAdaptive.Knowing);

    /// <summary>The paper's attacks, then the others.</summary>
    internal IEnumerable<Against> All() => [.. Published, Overshooting, Knowing];

    internal IEnumerable<Finding> Findings() => [.. Passed(), .. Orderings(), .. Rivals(), .. Network()];

    // The one of the paper's attacks that passes the detector most often.
    private Against Best => Published.MaxBy(each => each.Unseen.Rate)!;

    // How much more often it passes than the best of the paper's attacks, on the same images.
    private Estimate More(Against attack) => PairedShares.Difference(attack.Passed, Best.Passed);

    private bool IsBeyond(Against attack) => attack.Unseen.Lower > MostlyPassed || More(attack).Lower > 0;

    private Against[] Published => field ??=
        [.. MvmAttacks.Names.Select(name => Make(name, results.From(task.Guard, name, results.Unseen[MvmAdaptive.Knowing].Fooled.Length)))];

    private Against Of(string name) => Make(name, results.Unseen[name]);

    private Against Make(string name, DetectionOutcome found)
    {
        var (threshold, count) = (results.Threshold(task.Guard, MvmAttacks.Fgsm, MvmPage.FalseAlarms), found.Fooled.Length);
        return new Against(name, new Proportion(found.Fooled.Count(one => one), count),
            [.. found.Fooled.Zip(found.Scores).Select(each => each.First && each.Second <= threshold ? 1.0 : 0.0)],
            new RocCurve(results.Clean(task.Guard), found.Scores).AucWithin());
    }

    private IEnumerable<Finding> Passed()
    {
        string Told(Against attack) => $"{attack.Name} fools the network at or under the threshold on {attack.Unseen} of the images; {Best.Name}, the best of "
            + $"the paper's attacks at it, {Best.Unseen}.";
        var stronger = new (Against Attack, string Doing, string Advice)[]
        {
            (Knowing, "means to pass it", "Do not count on it against an attacker who may know of it."),
            (Overshooting, MvmAdaptive.GoesOn, "Do not count on it against attacks that do not stop at their first success: they need not know of it."),
        }.Where(each => IsBeyond(each.Attack)).ToArray();
        return stronger.Length > 0
            ? stronger.Select(each => new Finding(Severity.Warning, each.Attack.Unseen.Lower > MostlyPassed
                ? $"The detector does not stop an attack that {each.Doing}" : $"The detector is passed more often by an attack that {each.Doing}",
                Told(each.Attack), each.Advice))
            : [new Finding(Severity.Note, "The attacks that were tried pass the detector no more often", Told(Knowing),
                "More steps and more passes behind each may do better: this is no proof of safety.")];
    }

    // Of the areas of Table 3: what the paper has below the guard should not detect better than it.
    private IEnumerable<Finding> Orderings() =>
        from other in rows.Skip(1)
        from attack in other.Paper.Keys
        where rows[0].Paper.TryGetValue(attack, out var ours) && ours > other.Paper[attack]
        let gain = results.Gain(task.Guard, other.Name, attack)
        where gain.Upper < 0
        select new Finding(Severity.Warning, $"The paper's order is reversed for {attack}",
            FormattableString.Invariant($"{other.Name} detects better than {task.Guard} by {-gain.Value:0.000} ({-gain.Upper:0.000} to {-gain.Lower:0.000}); ")
                + FormattableString.Invariant($"in the paper {task.Guard} does, with {rows[0].Paper[attack]:0.000} to {other.Paper[attack]:0.000}."),
            "Believe the measured order for this network.");

    private IEnumerable<Finding> Rivals()
    {
        var better = (from row in rows.Skip(1)
                      let gains = MvmAttacks.Names.Select(attack => (Attack: attack, Gain: results.Gain(row.Name, task.Guard, attack)))
                          .Where(each => each.Gain.Lower > 0).ToArray()
                      where gains.Length > 0
                      let words = gains.Select(each => FormattableString.Invariant($"{each.Attack} by {each.Gain.Value:0.000}"))
                      select $"{row.Name} ({string.Join(", ", words)})").ToArray();
        if (better.Length > 0)
            yield return new Finding(Severity.Note, $"Other detectors do better than {task.Samples}",
                $"On the same images, beyond what chance explains: {string.Join("; ", better)}.",
                "The areas say nothing about attackers who know the detector.");
    }

    private IEnumerable<Finding> Network()
    {
        if (IsUntrained)
            yield return new Finding(Severity.Invalid, "The network has not learnt its task",
                $"It recognises {accuracy} of the test images; attacks on it, and what finds them, mean nothing.",
                TrainedWell.Advice);
        else if (task.Accuracy is { } theirs && accuracy.Upper < theirs - 0.02)
            yield return new Finding(Severity.Warning, "The network is weaker than the paper's",
                FormattableString.Invariant($"It recognises {accuracy}; the paper's {100 * theirs:0.0} %, trained longer and on all images."),
                "Compare the areas with the paper's only in their order.");
    }
}
