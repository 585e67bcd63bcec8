using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>What a paper claims, beside our numbers and what they say of it.</summary>
/// <param name="Text">The claim, in a sentence.</param>
/// <param name="Where">The table, figure or section of the paper.</param>
/// <param name="Ours">Our numbers with their intervals, in words.</param>
/// <param name="Verdict">"confirmed", "refuted" or "not decided at this size".</param>
internal sealed record PaperClaim(string Text, string Where, string Ours, string Verdict)
{
    internal const string Confirmed = "confirmed", Refuted = "refuted", NotDecided = "not decided at this size";

    /// <summary>How the verdicts are meant.</summary>
    internal const string Meaning = "Confirmed: the intervals do not overlap, in the direction of the claim (of a difference: its interval excludes 0). "
        + "Refuted: they do not overlap, in the other direction. Not decided at this size: they overlap.";

    /// <summary>A claim that one number is above another.</summary>
    /// <param name="larger">The interval of the number that is above, as the paper says.</param>
    /// <param name="smaller">The interval of the other.</param>
    internal static PaperClaim Above(string text, string where, string ours, Interval larger, Interval smaller) =>
        new(text, where, ours, larger.Lower > smaller.Upper ? Confirmed : larger.Upper < smaller.Lower ? Refuted : NotDecided);

    /// <summary>A claim that a difference is above 0.</summary>
    internal static PaperClaim Positive(string text, string where, string ours, Interval difference) =>
        Above(text, where, ours, difference, new Interval(0, 0));

    /// <summary>A claim that holds or not in several places, such as an order of several rows: refuted where one place refutes it, confirmed where all
    /// confirm it.</summary>
    internal static PaperClaim All(string text, string where, string ours, IReadOnlyList<(Interval Larger, Interval Smaller)> places)
    {
        var each = places.Select(place => Above(text, where, ours, place.Larger, place.Smaller).Verdict).ToArray();
        return new(text, where, ours, each.Contains(Refuted) ? Refuted : each.Length > 0 && each.All(verdict => verdict == Confirmed) ? Confirmed : NotDecided);
    }

    /// <summary>The table of a page's claims.</summary>
    internal static PageTable Table(IEnumerable<PaperClaim> claims) => new("", "What the paper claims", ["where", "our numbers", "verdict"],
    [
        .. claims.Select(claim => new PageRow(claim.Text, [PageCell.Of(claim.Where), PageCell.Of(claim.Ours), PageCell.Of(claim.Verdict)])),
    ]) { Note = Meaning };

    /// <summary>The section of a page's claims, which comes first.</summary>
    internal static PageSection Section(IReadOnlyList<PaperClaim> claims) => new("The paper's claims, and what these runs say of them")
    {
        Text = [$"{Count(claims, Confirmed)} of {claims.Count} are {Confirmed}, {Count(claims, Refuted)} {Refuted}, {Count(claims, NotDecided)} {NotDecided}."],
        Tables = [Table(claims)],
    };

    /// <summary>The same, and after it what attacks say of the claims that the paper did not run: in a table of its own, counted apart.</summary>
    /// <param name="claims">The claims under the paper's attacks.</param>
    /// <param name="stronger">Those under other attacks.</param>
    /// <param name="more">Paragraphs behind the counts.</param>
    internal static PageSection Section(IReadOnlyList<PaperClaim> claims, IReadOnlyList<PaperClaim> stronger, params IReadOnlyList<string> more)
    {
        var (section, table) = (Section(claims), Table(stronger));
        return stronger.Count == 0 ? section with { Text = [.. section.Text, .. more] } : section with
        {
            Text = [.. section.Text, $"Under attacks that the paper did not run: {Section(stronger).Text[0]}", .. more],
            Tables =
            [
                .. section.Tables,
                new PageTable("The same under attacks that the paper did not run", "The claim, with the attack", table.Columns, table.Rows),
            ],
        };
    }

    /// <summary>The claim with no verdict, for where the networks have not learnt what they are compared at.</summary>
    internal PaperClaim Undecided() => this with { Verdict = NotDecided };

    private static int Count(IReadOnlyList<PaperClaim> claims, string verdict) => claims.Count(claim => claim.Verdict == verdict);
}
