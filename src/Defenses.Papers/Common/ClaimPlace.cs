using System.Globalization;
using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>One of the places where a claim of a paper about a difference must hold, such as an attack of a table.</summary>
/// <param name="Name">The place: "DF₂".</param>
/// <param name="Gain">Our difference; above 0 where the claim holds.</param>
/// <param name="Paper">The paper's difference; null where it prints none.</param>
internal sealed record ClaimPlace(string Name, Estimate Gain, double? Paper = null)
{
    /// <summary>Where a claim stands that the paper does not test: whether something is left under an attack of our own.</summary>
    internal const string OwnAttack = "not in the paper";

    /// <summary>A claim that the differences are above 0 in all places.</summary>
    /// <param name="isPoints">Whether the numbers are fractions, written in percentage points; else they are written with three decimals.</param>
    internal static PaperClaim Claim(string text, string where, IReadOnlyList<ClaimPlace> places, bool isPoints = true) =>
        PaperClaim.All(text, where, string.Join("; ", places.Select(place => place.Text(isPoints))), [.. places.Select(place => (place.Gain.Interval, Zero))]);

    /// <summary>The same of so many places that only the one with the smallest difference in each group is written.</summary>
    /// <param name="groups">The places of each group, at least one.</param>
    internal static PaperClaim Smallest(string text, string where, IReadOnlyList<IReadOnlyList<ClaimPlace>> groups) =>
        PaperClaim.All(text, where, "smallest difference: " + string.Join("; ", groups.Select(places => places.MinBy(place => place.Gain.Value)!.Text(true))),
            [.. groups.SelectMany(places => places).Select(place => (place.Gain.Interval, Zero))]);

    /// <summary>The section of a page's claims, those under attacks of our own apart, with what the differences mean.</summary>
    internal static PageSection Section(IEnumerable<PaperClaim> claims)
    {
        var isOurs = claims.ToLookup(claim => claim.Where == OwnAttack);
        return PaperClaim.Section([.. isOurs[false]], [.. isOurs[true]], "Numbers are differences with their 95 % intervals, and the paper's beside them.");
    }

    /// <summary>"DF₂ +3.1 [+1.2, +5.0], paper +4.0".</summary>
    internal string Text(bool isPoints)
    {
        string Number(double value) => isPoints ? (100 * value).ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture)
            : value.ToString("+0.000;−0.000;0.000", CultureInfo.InvariantCulture);
        return $"{Name} {Number(Gain.Value)} [{Number(Gain.Lower)}, {Number(Gain.Upper)}]{(Paper is { } paper ? $", paper {Number(paper)}" : "")}";
    }

    private static Interval Zero => new(0, 0);
}
