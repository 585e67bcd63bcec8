using Defenses.Pages;
using Defenses.Statistics;
using static Defenses.Papers.TextFormat;

namespace Defenses.Papers;

/// <summary>The paper's claims, and what the run says of each: as the paper measures them, and where the attacker averages over draws.</summary>
/// <param name="results">What was measured; claims about schemes that are not in it are left out.</param>
/// <param name="dataSet">As an option.</param>
internal sealed class SpikingClaims(SpikingResults results, string dataSet)
{
    internal const string Plain = "standard", Spiking = "RS-1", Augmented = "RS-1-adv";

    private readonly string _set = SpikingPaper.NearestSet(dataSet);

    // Of networks that have not learnt their task nothing follows, whatever the intervals say.
    private bool Means => !results.Untrained.Any(scheme => scheme is Plain or Spiking or Augmented);

    internal PageSection Section() => PaperClaim.Section(Published(), Stronger(), string.Join(" ", Notes()));

    /// <summary>What the paper claims, as it measures it.</summary>
    internal IReadOnlyList<PaperClaim> Published() => Judged(
    [
        .. Accuracy(), .. new SpikingDistanceClaims(results, _set).Published(), .. new SpikingTransferClaims(results).All(),
        .. new SpikingStabilityClaims(results, _set).All(),
    ]);

    /// <summary>Where the attacker averages over draws, and fresh decisions of the deployed model judge.</summary>
    internal IReadOnlyList<PaperClaim> Stronger() => Judged([.. new SpikingDistanceClaims(results, _set).Stronger()]);

    /// <summary>Schemes with networks of their own, and those that decide otherwise by the standard ones, if they are there and have learnt the task; no votes,
    /// which are the same networks again.</summary>
    internal static string[] Compared(SpikingResults results, params string[] without) =>
        [.. results.Accuracy.Select(each => each.Scheme).Except(results.Untrained).Except(without).Where(name => !DefenseScheme.Named(name).Votes)];

    /// <summary>Whether all schemes are there.</summary>
    internal static bool Has(SpikingResults results, params string[] schemes) => schemes.All(name => results.Accuracy.Any(each => each.Scheme == name));

    private PaperClaim[] Judged(IEnumerable<PaperClaim> claims) => [.. claims.Select(claim => Means ? claim : claim.Undecided())];

    private IEnumerable<string> Notes()
    {
        if (!Means) yield return $"Models of {string.Join(", ", results.Untrained)} have not learnt their task: no claim is decided.";
        if (_set != dataSet) yield return "The paper's figures for MNIST stand behind these claims: drawn digits stand in for it.";
        if (_set == "mnist")
            yield return "For one model the paper prints no larger distance on RS-1 than on the standard scheme on MNIST (2.06 and 2.12), so that is no claim "
                + "here.";
        yield return "Distances are compared over the images on which the attacker succeeds with both schemes; accuracies over models, each trained on another "
            + "part of the training set.";
    }

    // Over models; the paper's own loss is the bound, for "little" has no number.
    private IEnumerable<PaperClaim> Accuracy()
    {
        if (!Has(results, Plain)) yield break;
        var losses = new[] { Spiking, "RS-1-dropout", Augmented }.Where(scheme => Has(results, scheme)).Select(scheme => (Scheme: scheme,
            Lost: MeanDifference.Between(Mean(Plain), Mean(scheme)),
            Most: SpikingPaper.Accuracy(Plain, _set)!.Value - SpikingPaper.Accuracy(scheme, _set)!.Value)).ToArray();
        if (losses.Length > 0)
            yield return PaperClaim.All("Random spiking costs little accuracy: no more than the paper prints", "table 2",
                FormattableString.Invariant($"{Plain} {100 * Mean(Plain).Value:0.0}\u202F%; ") + string.Join("; ", losses.Select(each =>
                    $"{each.Scheme} {Points(each.Lost, 1)} points less (paper {Rounded(100 * each.Most, 2)})")),
                [.. losses.Select(each => (new Interval(each.Most, each.Most), each.Lost.Interval))]);
    }

    private Estimate Mean(string scheme) => SampleMean.StudentT(results.Accuracy.First(each => each.Scheme == scheme).Models);
}
