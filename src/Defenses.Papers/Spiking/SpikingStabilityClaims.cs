using Defenses.Statistics;
using static Defenses.Papers.SpikingResults;
using static Defenses.Papers.TextFormat;

namespace Defenses.Papers;

/// <summary>Claims of the text about predictions that noise and compression do not change.</summary>
/// <param name="results">What was measured; claims about strengths that are not in it are left out.</param>
/// <param name="set">The data set of the paper's figures.</param>
internal sealed class SpikingStabilityClaims(SpikingResults results, string set)
{
    private const string Plain = SpikingClaims.Plain, Spiking = SpikingClaims.Spiking, Augmented = SpikingClaims.Augmented, Dropped = "RS-1-dropout";

    internal IEnumerable<PaperClaim> All() => set == "mnist" ?
    [
        .. Above99(results.Noise, 5, "noise of L2 5"), .. Above99(results.Jpeg, 10, "JPEG of quality 10"),
        .. MagNet(results.Noise, strength => strength > 1, 0.1, "near 0 (judged: below 10 %) under noise above L2 1"),
        .. MagNet(results.Jpeg, strength => strength <= 40, 0.2, "below 20 % under JPEG of quality 40 and less"),
    ]
    :
    [
        .. Most(results.Noise, 2.5, "noise of L2 2.5"), .. set == "cifar10" ? MoreThanPlain(results.Noise, 2.5, "noise of L2 2.5") : [],
        .. Most(results.Jpeg, 10, "JPEG of quality 10"), .. MoreThanPlain(results.Jpeg, 10, "JPEG of quality 10"),
    ];

    private IEnumerable<PaperClaim> Most(IReadOnlyList<StabilityCurve> curves, double strength, string change)
    {
        var rivals = SpikingClaims.Compared(results, Augmented);
        if (Rate(curves, Augmented, strength) is { } own && rivals.Length > 0)
            yield return Claim($"{Augmented} keeps more predictions than every other scheme under {change}", [(Augmented, own)], curves, rivals, strength);
    }

    private IEnumerable<PaperClaim> MoreThanPlain(IReadOnlyList<StabilityCurve> curves, double strength, string change)
    {
        var own = new[] { Spiking, Dropped, Augmented }.Select(scheme => (Scheme: scheme, Rate: Rate(curves, scheme, strength)!))
            .Where(each => each.Rate is not null).ToArray();
        if (own.Length > 0 && Rate(curves, Plain, strength) is not null)
            yield return Claim($"Random spiking keeps more predictions than {Plain} under {change}", own, curves, [Plain], strength);
    }

    private static PaperClaim Claim(string text, (string Name, Proportion Rate)[] own, IReadOnlyList<StabilityCurve> curves, string[] rivals, double strength)
    {
        var others = rivals.Select(name => (Name: name, Rate: Rate(curves, name, strength)!)).ToArray();
        return PaperClaim.All(text, "text", string.Join("; ", own.Concat(others).Select(each => $"{each.Name} {Ranged(each.Rate)}")),
            [.. own.SelectMany(mine => others.Select(other => (ProportionDifference.Between(mine.Rate, other.Rate).Interval, new Interval(0, 0))))]);
    }

    // "Most schemes": MagNet and the region's vote are others.
    private IEnumerable<PaperClaim> Above99(IReadOnlyList<StabilityCurve> curves, double strength, string change)
    {
        var rates = SpikingClaims.Compared(results).Where(name => DefenseScheme.Named(name) is { Refuses: false, AsksRegion: false })
            .Select(name => (Name: name, Rate: Rate(curves, name, strength)!)).Where(each => each.Rate is not null).ToArray();
        if (rates.Length > 0)
            yield return PaperClaim.All($"The schemes but MagNet and RC keep more than 99 % of predictions under {change}", "text",
                string.Join("; ", rates.Select(each => $"{each.Name} {Ranged(each.Rate)}")),
                [.. rates.Select(each => (each.Rate.Interval, new Interval(0.99, 0.99)))]);
    }

    private IEnumerable<PaperClaim> MagNet(IReadOnlyList<StabilityCurve> curves, Func<double, bool> strengths, double most, string words)
    {
        if (curves.FirstOrDefault(curve => curve.Name == "MagNet") is not { } curve) yield break;
        var rates = curve.Strengths.Zip(curve.Points, (strength, point) => (Strength: strength, Rate: point.Unchanged))
            .Where(each => strengths(each.Strength)).ToArray();
        if (rates.Length > 0)
            yield return PaperClaim.All($"MagNet keeps {words}", "text", string.Join("; ", rates.Select(each => $"{Text(each.Strength)}: {Ranged(each.Rate)}")),
                [.. rates.Select(each => (new Interval(most, most), each.Rate.Interval))]);
    }

    private static Proportion? Rate(IReadOnlyList<StabilityCurve> curves, string scheme, double strength) =>
        curves.FirstOrDefault(curve => curve.Name == scheme) is { } curve && Array.IndexOf(curve.Strengths, strength) is >= 0 and var place
            ? curve.Points[place].Unchanged : null;
}
