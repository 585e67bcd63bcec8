using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>What the MVM paper claims for the data set, beside our numbers; and whether the detector stops stronger attacks.</summary>
/// <param name="accuracy">Of the network without an attack.</param>
internal sealed class MvmClaims(MvmResults results, IReadOnlyList<MvmRow> rows, MvmTask task, Proportion accuracy)
{
    // In table 2 the attacks leave at most 7.03 % of the answers right.
    private const double FewRight = 0.1;
    private const string SecondTable = "Table 2", ThirdTable = "Table 3";

    /// <summary>All of them; none for a data set that the paper does not have. None is decided where the network has not learnt its task.</summary>
    /// <param name="knowing">What an attack that knows the detector did.</param>
    /// <param name="overshooting">What an attack did that knows nothing, but does not stop at its first success.</param>
    internal IEnumerable<PaperClaim> All(MvmFindings.Against knowing, MvmFindings.Against overshooting) => task.Areas.Count == 0 ? [] :
        new[] { Orders(), Reduced(), [Stopped("knows it", knowing), Stopped(MvmAdaptive.GoesOn, overshooting)] }
            .SelectMany(claims => claims).Select(Settled);

    // Against each other row, the attacks where the paper has the guard in front, and those where it has the other.
    private IEnumerable<PaperClaim> Orders() =>
        from other in rows.Where(row => row.Name != task.Guard && row.Paper.Count > 0)
        from isAhead in new[] { true, false }
        let places = MvmAttacks.Names.Where(attack => Difference(other, attack) is var gap && (isAhead ? gap > 0 : gap < 0))
            .Select(attack => Place(other, attack, isAhead)).ToArray()
        where places.Length > 0
        let names = isAhead ? (Better: task.Guard, Worse: other.Name) : (Better: other.Name, Worse: task.Guard)
        let attacks = string.Join(", ", places.Select(place => place.Name))
        select ClaimPlace.Claim($"{names.Better} finds {attacks} better than {names.Worse} (area under the ROC curve)", ThirdTable, places, isPoints: false);

    private double Difference(MvmRow other, string attack) => Paper(task.Guard)[attack] - other.Paper[attack];

    private ClaimPlace Place(MvmRow other, string attack, bool isAhead) => isAhead
        ? new(attack, results.Gain(task.Guard, other.Name, attack), Difference(other, attack))
        : new(attack, results.Gain(other.Name, task.Guard, attack), -Difference(other, attack));

    // The paper's accuracies are of all images; of those that were recognised before, no smaller share can be left.
    private IEnumerable<PaperClaim> Reduced()
    {
        if (task.Fooled is not { } fooled) yield break;
        var left = MvmAttacks.Names.Select((attack, place) => (Attack: attack, Rate: results.Fooled(attack).Complement(), Paper: 1 - fooled[place])).ToArray();
        yield return PaperClaim.All("Each attack leaves fewer than one answer in ten right", SecondTable, string.Join("; ", left.Select(each =>
            FormattableString.Invariant($"{each.Attack} {each.Rate}, paper {100 * each.Paper:0.00} %"))) + "; ours of the images that were recognised before",
            [.. left.Select(each => (new Interval(FewRight, FewRight), each.Rate.Interval))]);
    }

    private PaperClaim Stopped(string doing, MvmFindings.Against attack) => PaperClaim.Above(
        $"{task.Guard} stops an attack that {doing} more often than not", ClaimPlace.OwnAttack,
        $"{attack.Name} fools the network unseen on {attack.Unseen} of the images",
        new Interval(MvmFindings.MostlyPassed, MvmFindings.MostlyPassed), attack.Unseen.Interval);

    private PaperClaim Settled(PaperClaim claim) => TrainedWell.Fails(accuracy)
        ? claim.Undecided() with { Ours = $"{claim.Ours}; the network has not learnt its task ({accuracy})" } : claim;

    private IReadOnlyDictionary<string, double> Paper(string row) => rows.Single(each => each.Name == row).Paper;
}
