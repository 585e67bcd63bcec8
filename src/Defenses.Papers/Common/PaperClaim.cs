using Defenses.Pages;
using Defenses.Statistics;
using MathNet.Numerics.Distributions;

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
        + "Refuted: they do not overlap, in the other direction. Not decided at this size: they overlap. A claim about several rows or attacks is "
        + "confirmed where all of them confirm it, and refuted where one refutes it with intervals widened for their number (Bonferroni): of many "
        + "places one lies apart by chance.";

    /// <summary>A claim that one number is above another.</summary>
    /// <param name="larger">The interval of the number that is above, as the paper says.</param>
    /// <param name="smaller">The interval of the other.</param>
    internal static PaperClaim Above(string text, string where, string ours, Interval larger, Interval smaller) =>
        new(text, where, ours, larger.Lower > smaller.Upper ? Confirmed : larger.Upper < smaller.Lower ? Refuted : NotDecided);

    /// <summary>A claim that a difference is above 0.</summary>
    internal static PaperClaim Positive(string text, string where, string ours, Interval difference) =>
        Above(text, where, ours, difference, new Interval(0, 0));

    /// <summary>A claim that holds or not in several places, such as an order of several rows: confirmed where all confirm it, refuted where one
    /// refutes it although its intervals are widened for the number of places.</summary>
    internal static PaperClaim All(string text, string where, string ours, IReadOnlyList<(Interval Larger, Interval Smaller)> places)
    {
        string Verdict(Interval larger, Interval smaller) => Above(text, where, ours, larger, smaller).Verdict;
        var fails = places.Any(place => Verdict(Widened(place.Larger, places.Count), Widened(place.Smaller, places.Count)) == Refuted);
        var holds = places.Count > 0 && places.All(place => Verdict(place.Larger, place.Smaller) == Confirmed);
        return new(text, where, ours, fails ? Refuted : holds ? Confirmed : NotDecided);
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

    // From 95 % to 1 − 5 % / places, as an interval of a normal mean would be.
    private static Interval Widened(Interval interval, int places)
    {
        if (places == 1) return interval;
        var more = (Normal.InvCDF(0, 1, 1 - 0.025 / places) / Normal.InvCDF(0, 1, 0.975) - 1) * interval.Width / 2;
        return new(interval.Lower - more, interval.Upper + more);
    }

    private static int Count(IReadOnlyList<PaperClaim> claims, string verdict) => claims.Count(claim => claim.Verdict == verdict);
}
