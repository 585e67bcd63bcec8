using Defenses.Pages;
using static Defenses.Papers.TextFormat;

namespace Defenses.Papers;

/// <summary>The paper's claims, and what the run says of each: under the paper's attacks, and under others.</summary>
/// <param name="results">What was measured.</param>
/// <param name="dataSet">As an option.</param>
internal sealed class HrsClaims(HrsResults results, string dataSet)
{
    private readonly HrsHoldingClaims _holding = new(results, dataSet);
    private readonly HrsBlockClaims _blocks = new(results, dataSet);
    private readonly HrsCostClaims _cost = new(results, dataSet);
    private readonly HrsProgramClaims _programs = new(results);

    // Of networks that have not learnt their task nothing follows, whatever the intervals say.
    private bool Means => !results.IsUntrained && results.HasLearnt(results.Widest);

    internal PageSection Section() => PaperClaim.Section(Published(), Stronger(), string.Join(" ", Notes()));

    /// <summary>What the paper claims, under the attacks that it ran.</summary>
    internal IReadOnlyList<PaperClaim> Published() =>
        Judged([.. _holding.Published(), .. _cost.All(), .. _blocks.Published(), .. _programs.Published()]);

    /// <summary>The same where the attacker knows all paths, takes the best of several attacks, or only wants an error.</summary>
    internal IReadOnlyList<PaperClaim> Stronger() => Judged([.. _holding.Stronger(), .. _blocks.Stronger(), .. _programs.Stronger()]);

    private PaperClaim[] Judged(IEnumerable<PaperClaim> claims) => [.. claims.Select(claim => Means ? claim : claim.Undecided())];

    private IEnumerable<string> Notes()
    {
        if (!Means) yield return "The networks have not learnt their task: no claim is decided.";
        yield return $"{results.Widest.Name} stands for HRS (the paper: 10×10 to 30×30). Each network was trained once: the intervals are over images, not "
            + "over trainings.";
        if (dataSet is not ("mnist" or "cifar10")) yield return "The paper has MNIST and CIFAR-10; here its claims are asked of other images.";
        if (results.Programs.Count == 0)
            yield return "What it claims of reprogramming is not among them: the program turns a colour network to digits, so it runs with --dataset cifar10.";
        if (results.Defenses.Where(defense => !results.HasLearnt(defense)).Select(defense => defense.Name).ToArray() is { Length: > 0 } poor)
            yield return $"Left out of the comparisons, for {(poor.Length == 1 ? "it has" : "they have")} not learnt the task well: {string.Join(", ", poor)}.";
    }

    /// <summary>One defense's rate, and how far it is above others: "HRS 5×5 66 % [60, 72], above SAP by 19 [14, 25] points".</summary>
    internal static string Words(string own, SuccessRates rates, IEnumerable<(string Name, SuccessRates Rates)> others) =>
        $"{own} {Ranged(rates.DefenseRate)}, above "
            + $"{string.Join(", ", others.Select(other => $"{other.Name} by {Points(SuccessRates.Gain(rates, other.Rates))}"))} points";
}
