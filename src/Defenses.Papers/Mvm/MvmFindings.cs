using Defenses.Detection;
using Defenses.Pages;
using Defenses.Statistics;
using static Defenses.Papers.TextFormat;

namespace Defenses.Papers;

/// <summary>What the numbers say, in words: the detector against attacks that know it and attacks that do not, and its order beside the paper's.</summary>
internal sealed class MvmFindings(MvmResults results, IReadOnlyList<MvmRow> rows, MvmTask task, Proportion accuracy)
{
    /// <summary>An attack on the images that no threshold was chosen on.</summary>
    internal sealed record Against(string Name, Proportion Fooled, Proportion Unseen, Estimate Area);

    internal string Title()
    {
        if (IsUntrained) return "The network has not learnt its task: nothing follows";
        var best = Blind().MaxBy(each => each.Unseen.Rate)!;
        return $"Attacks that know nothing of the detector pass it on at most {Percent(best.Unseen)} of the images, one that knows it on "
            + $"{Percent(Of(MvmAdaptive.Knowing).Unseen)}";
    }

    private bool IsUntrained => TrainedWell.Fails(accuracy);

    /// <summary>What that means for someone who must decide.</summary>
    internal string Meaning()
    {
        var areas = string.Join(", ", MvmAttacks.Names.Select(attack =>
            FormattableString.Invariant($"{results.Curve(task.Guard, attack).Auc:0.000} ({attack})")));
        return $"For you: with {task.Samples} the areas under the ROC curve are {areas}, where 1 is perfect and 0.5 a coin. "
            + (Of(MvmAdaptive.Knowing).Unseen.Lower > Blind().Max(each => each.Unseen.Upper)
                ? "That holds against attackers who do not know of the detector; do not count on it against one who does."
                : "No attack that was tried passes it clearly more often by knowing it; stronger ones may.");
    }

    internal string AdaptiveTitle()
    {
        var knowing = Of(MvmAdaptive.Knowing).Unseen;
        return knowing.Lower > 0.5 ? "Whoever knows the detector passes it"
            : knowing.Lower > Blind().Max(each => each.Unseen.Upper) ? "Whoever knows the detector passes it more often"
            : "An attack that knows the detector";
    }

    /// <summary>The attack that knows the detector.</summary>
    internal Against Knowing => Of(MvmAdaptive.Knowing);

    /// <summary>The attacks that know nothing, then the others.</summary>
    internal IEnumerable<Against> All() => [.. Blind(), .. MvmAdaptive.Names.Select(Of)];

    internal IEnumerable<Finding> Findings() => [.. Passed(), .. Orderings(), .. Rivals(), .. Network()];

    private IEnumerable<Against> Blind() =>
        MvmAttacks.Names.Select(name => Make(name, results.From(task.Guard, name, results.Unseen[MvmAdaptive.Knowing].Fooled.Length)));

    private Against Of(string name) => Make(name, results.Unseen[name]);

    private Against Make(string name, DetectionOutcome found)
    {
        var (threshold, count) = (results.Threshold(task.Guard, MvmAttacks.Fgsm, MvmPage.FalseAlarms), found.Fooled.Length);
        return new Against(name, new Proportion(found.Fooled.Count(one => one), count),
            new Proportion(found.Fooled.Zip(found.Scores).Count(each => each.First && each.Second <= threshold), count),
            new RocCurve(results.Clean(task.Guard), found.Scores).AucWithin());
    }

    private IEnumerable<Finding> Passed()
    {
        var (knowing, best) = (new[] { Of(MvmAdaptive.Knowing), Of(MvmAdaptive.Overshooting) }.MaxBy(each => each.Unseen.Rate)!,
            Blind().MaxBy(each => each.Unseen.Rate)!);
        var beside = $"{best.Name}, the best of the paper's attacks at it, {best.Unseen}.";
        if (knowing.Unseen.Lower > 0.5)
            yield return new Finding(Severity.Warning, "The detector does not stop an attack that means to pass it",
                $"{knowing.Name} fools the network at or under the threshold on {knowing.Unseen} of the images; {beside}",
                "Do not count on it against an attacker who may know of it.");
        else if (knowing.Unseen.Lower > best.Unseen.Upper)
            yield return new Finding(Severity.Warning, "An attack that means to pass the detector does so more often",
                $"{knowing.Name} fools the network at or under the threshold on {knowing.Unseen} of the images; {beside}",
                "Believe the larger number; longer attacks may do better still.");
        else
            yield return new Finding(Severity.Note, "The attacks that were tried pass the detector no more often",
                $"{knowing.Name} fools the network at or under the threshold on {knowing.Unseen} of the images; {beside}",
                "More steps and more passes behind each may do better: this is no proof of safety.");
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
