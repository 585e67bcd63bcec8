using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>What the paper claims of one network in its tables 1, 2 and 4, beside our numbers; attacks are compared image by image.</summary>
/// <param name="name">What the claims begin with where it is not the first network; null for the first.</param>
internal sealed class JumpNetworkClaims(JumpNetwork network, string? name = null)
{
    // What the paper's fixed thresholds cost at most in its tables: 1.94 points.
    private const double SmallLoss = 0.02;
    private static readonly string[] s_searches = ["DF∞", "DF₂", "TR"];
    private readonly JumpPaper _paper = new(network.Sizes, network.Task);

    private string Jump => JumpModel.NameOf(network.Task.Jump.Kappa);

    /// <summary>All of them. Where the network has not learnt its task, none is decided.</summary>
    internal IEnumerable<PaperClaim> All()
    {
        foreach (var isRobust in new[] { false, true })
            foreach (var claim in Of(isRobust)) yield return Settled(claim, isRobust);
        foreach (var claim in Best()) yield return Settled(claim, isRobust: false);
    }

    /// <summary>The subject of a sentence: "Plain network", "WideResNet, robust-trained".</summary>
    internal string Subject(bool isRobust) => name is null ? isRobust ? "Robust-trained network" : "Plain network"
        : $"{name}, {(isRobust ? "robust-trained" : "plain")}";

    /// <summary>The same claim, open where the network has not learnt its task.</summary>
    internal PaperClaim Settled(PaperClaim claim, bool isRobust)
    {
        var rate = network.Accuracy.First(model => model.IsRobust == isRobust).Rate;
        return TrainedWell.Fails(rate) ? claim.Undecided() with { Ours = $"{claim.Ours}; the network has not learnt its task ({rate})" }
            : claim;
    }

    private IEnumerable<PaperClaim> Of(bool isRobust)
    {
        var (who, relu, jump) = (Subject(isRobust), Named(JumpModel.NameOf(0), isRobust), Named(Jump, isRobust));
        yield return ClaimPlace.Claim($"{who}: {Jump} needs larger changes than ReLU (ρ, points)", "Table 2",
            [.. s_searches.Select(attack => Change(jump, relu, attack))]);
        if (Growing(isRobust, beyond: false) is { } growing) yield return growing;
        if (Growing(isRobust, beyond: true) is { } beyond) yield return beyond;
        yield return ClaimPlace.Claim($"{who}: in the gray box {Jump} keeps more right answers than ReLU (points)", "Table 1",
            [.. network.Gray.Where(row => row.IsRobust == isRobust).Select(row => Gray(row, relu, jump))]);
        yield return ClaimPlace.Claim($"{who}: under white-box PGD {Jump} keeps more right answers than ReLU (points)", "Table 2", [Kept(jump, relu, "PGD")]);
        yield return Loss(isRobust, relu, jump);
        if (Random(isRobust) is { } random)
            yield return ClaimPlace.Claim($"{who}: under white-box PGD random κ keep more right answers than {Jump} (points)", "Tables 2 and 4",
                [Kept(random, jump, "PGD")]);
    }

    // Robust training and jumps together.
    private IEnumerable<PaperClaim> Best()
    {
        var best = Named(Jump, isRobust: true);
        (string Name, string Words)[] others = [(Named(JumpModel.NameOf(0), true), "robust, ReLU"), (Named(Jump, false), $"plain, {Jump}"),
            (Named(JumpModel.NameOf(0), false), "plain, ReLU")];
        var who = name is null ? "" : $"{name}: ";
        yield return ClaimPlace.Claim($"{who}Robust training with {Jump} keeps the most right answers under white-box PGD (over …, points)", "Table 2",
            [.. others.Select(other => Kept(best, other.Name, "PGD") with { Name = other.Words })]);
        yield return ClaimPlace.Smallest($"{who}Robust training with {Jump} needs the largest changes (ρ over …, points)", "Table 2",
            [.. others.Select(other => s_searches.Select(attack => Change(best, other.Name, attack) with { Name = $"{other.Words}, {attack}" }).ToArray())]);
    }

    // Each threshold against the next smaller one: up to the paper's, or from there on; null where the first is the claim before, or there are no others.
    private PaperClaim? Growing(bool isRobust, bool beyond)
    {
        string[] models = [.. network.Sizes.Kappas.Order().Where(share => beyond ? share >= 1 : share <= 1)
            .Select(share => Named(JumpModel.NameOf(Math.Round(share * network.Task.Jump.Kappa, 6)), isRobust))
            .Where(model => network.Accuracy.Any(each => each.Model == model))];
        var (fewest, range, where) = beyond ? (2, $"from {Jump} on", "beyond the paper's κ") : (3, $"up to {Jump}", "Table 2, more κ");
        return models.Length < fewest ? null : ClaimPlace.Smallest(
            $"{Subject(isRobust)}: the larger κ, the larger the changes that attacks need, {range} (ρ, points, of {models.Length} thresholds)", where,
            [.. s_searches.Select(attack => models.Zip(models.Skip(1), (smaller, larger) => Change(larger, smaller, attack)).ToArray())]);
    }

    private PaperClaim Loss(bool isRobust, string relu, string jump)
    {
        Proportion Rate(string model) => network.Accuracy.Single(each => each.Model == model).Rate;
        var loss = ProportionDifference.Between(Rate(relu), Rate(jump));
        var paper = _paper.Clean(relu, isRobust) - _paper.Clean(jump, isRobust);
        var claim = new ClaimPlace("ReLU over jumps", loss, paper);
        return PaperClaim.Above($"{Subject(isRobust)}: {Jump} costs little accuracy, at most two points", "Tables 1 and 2", claim.Text(isPoints: true),
            new Interval(SmallLoss, SmallLoss), loss.Interval);
    }

    private ClaimPlace Gray(GrayRow row, string relu, string jump) =>
        new(row.Attack, PairedShares.Difference(row.Right[Array.IndexOf(row.Models, jump)], Attacked(relu, row.Attack).Right),
            _paper.Gray(jump, row.IsRobust, row.Attack) - _paper.Accuracy(relu, row.IsRobust, row.Attack));

    private ClaimPlace Kept(string more, string less, string attack) =>
        new(attack, PairedShares.Difference(Attacked(more, attack).Right, Attacked(less, attack).Right),
            _paper.Accuracy(more, IsRobust(more), attack) - _paper.Accuracy(less, IsRobust(less), attack));

    private ClaimPlace Change(string more, string less, string attack) =>
        new(attack, SampleMean.StudentT([.. Attacked(more, attack).Changes.Zip(Attacked(less, attack).Changes, (larger, smaller) => larger - smaller)]),
            _paper.Change(more, IsRobust(more), attack) - _paper.Change(less, IsRobust(less), attack));

    private string? Random(bool isRobust) =>
        network.Accuracy.FirstOrDefault(model => model.IsRobust == isRobust && model.Model.Contains("random", StringComparison.Ordinal))?.Model;

    private bool IsRobust(string model) => network.Accuracy.Single(each => each.Model == model).IsRobust;

    private AttackedModel Attacked(string model, string attack) => network.Attacked.Single(row => row.Model == model && row.Attack == attack);

    private static string Named(string layers, bool isRobust) => JumpModel.NameOf(layers, isRobust);
}
