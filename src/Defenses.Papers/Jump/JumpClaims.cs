using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>What the JumpReLU paper claims, beside our numbers; and whether its gains are left under attacks that know of the jump.</summary>
internal sealed class JumpClaims(JumpTask task, JumpResults results)
{
    private const string Worst = "under the worst attack, those that know of the jump among them";
    private readonly JumpNetworkClaims _network = new(results.Tables);

    private string Jump => JumpModel.NameOf(task.Jump.Kappa);

    /// <summary>Of the first network its tables, transfer and detection, then the attacks that know of the jump, then the wide networks.</summary>
    internal IEnumerable<PaperClaim> All() =>
    [
        .. _network.All(), .. Both(Transfer),
        .. new JumpDetectionPage(results.Detection, task, new JumpPaper(results.Tables.Sizes, task)).Claims().Select(claim => _network.Settled(claim, false)),
        .. Both(Left), .. Both(RandomLeft), .. BestLeft().Select(claim => _network.Settled(claim, true)),
        .. results.Wide.SelectMany(network => new JumpNetworkClaims(network, network.Task.NetworkName).All()),
    ];

    private IEnumerable<PaperClaim> Both(Func<bool, PaperClaim?> claim) =>
        new[] { false, true }.Select(isRobust => claim(isRobust) is { } found ? _network.Settled(found, isRobust) : null).OfType<PaperClaim>();

    // Images made on rectifiers should fool jumps more often than the other way round.
    private PaperClaim? Transfer(bool isRobust)
    {
        var (relu, jump) = (JumpModel.NameOf(JumpModel.NameOf(0), isRobust), JumpModel.NameOf(Jump, isRobust));
        double[]? Recognised(string from, string to) => results.Transfer.FirstOrDefault(row => row.From == from) is { } row
            && Array.IndexOf(row.To, to) is var place and >= 0 ? row.Right[place] : null;
        return Recognised(jump, relu) is not { } back || Recognised(relu, jump) is not { } there ? null : ClaimPlace.Claim(
            $"{_network.Subject(isRobust)}: transfer is one-way, from small to large κ (right answers of ReLU on images made on {Jump}, over those of {Jump} "
                + "on images made on ReLU; points)", "Appendix A", [new("PGD", PairedShares.Difference(back, there))]);
    }

    // The gain of the paper's threshold, paired over the images.
    private PaperClaim? Left(bool isRobust)
    {
        if (At(isRobust, Jump)?.Worst.Efficiency?.RateGain is not { } gain) return null;
        var seeming = At(isRobust, Jump)!.Cells.First(cell => cell.View == AttackerView.Plain.Name && cell.Attack == "PGD").Outcome.Efficiency?.RateGain;
        var beside = seeming is null ? "" : $"; {new ClaimPlace("plain PGD", seeming).Text(isPoints: true)}";
        var claim = ClaimPlace.Claim($"{_network.Subject(isRobust)}: what {Jump} gains over ReLU is left {Worst} (points)", ClaimPlace.OwnAttack,
            [new($"worst, ε {Epsilon}", gain)]);
        return claim with { Ours = claim.Ours + beside };
    }

    private PaperClaim? RandomLeft(bool isRobust) => Rest(isRobust, "random") is not { } random || Rest(isRobust, Jump) is not { } jump ? null
        : ClaimPlace.Claim($"{_network.Subject(isRobust)}: what random κ gain over {Jump} is left {Worst} (points)", ClaimPlace.OwnAttack,
            [new($"worst, ε {Epsilon}", ProportionDifference.Between(random, jump))]);

    private IEnumerable<PaperClaim> BestLeft()
    {
        if (Rest(true, Jump) is not { } best) yield break;
        (string Words, Proportion? Rate)[] others =
            [("robust, ReLU", Rest(true, JumpModel.NameOf(0))), ($"plain, {Jump}", Rest(false, Jump)), ("plain, ReLU", Rest(false, JumpModel.NameOf(0)))];
        yield return ClaimPlace.Claim($"Robust training with {Jump} still keeps the most right answers {Worst} (over …, points, ε {Epsilon})",
            ClaimPlace.OwnAttack,
            [.. others.Where(other => other.Rate is not null).Select(other => new ClaimPlace(other.Words, ProportionDifference.Between(best, other.Rate!)))]);
    }

    private string Epsilon => TextFormat.Text(results.Plain.Settings.Headline);

    private Proportion? Rest(bool isRobust, string layers) => At(isRobust, layers)?.Worst.Accuracy.MeanDraw;

    private StrengthResult? At(bool isRobust, string layers)
    {
        var report = isRobust ? results.Robust : results.Plain;
        return report.Defenses.FirstOrDefault(defense => defense.Name.StartsWith(JumpModel.NameOf(layers, isRobust), StringComparison.Ordinal)
            && (layers == "random" || defense.Name == JumpModel.NameOf(layers, isRobust)))
            ?.Strengths.Single(strength => strength.Epsilon == report.Settings.Headline);
    }
}
