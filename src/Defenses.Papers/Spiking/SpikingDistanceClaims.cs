using Defenses.Statistics;
using static Defenses.Papers.SpikingResults;
using static Defenses.Papers.TextFormat;

namespace Defenses.Papers;

/// <summary>Claims about how far C&amp;W must move an image, on one model and on several (tables 4 and 5).</summary>
/// <param name="results">What was measured.</param>
/// <param name="set">The data set of the paper's figures.</param>
internal sealed class SpikingDistanceClaims(SpikingResults results, string set)
{
    private const string Plain = SpikingClaims.Plain, Spiking = SpikingClaims.Spiking, Augmented = SpikingClaims.Augmented;

    // Random models by one draw a step, MagNet without its detectors, as in the paper.
    private IReadOnlyDictionary<string, Moved> One => results.WhiteBox.Where(each => each.Margin == 0 && each.IsAsPublished && IsItself(each.Scheme))
        .ToDictionary(each => each.Scheme, each => new Moved(each.Attacked.Distance, each.Attacked.Met));

    private IReadOnlyDictionary<string, Moved> Several => results.Transfer.Where(each => each.Margin == 0 && IsItself(each.Crafted))
        .ToDictionary(each => each.Crafted, each => new Moved(each.Distance, each.Met));

    internal IEnumerable<PaperClaim> Published() =>
    [
        .. Farther(One, Spiking, [Plain], "one model", "table 4", joint: false),
        .. Farther(One, Augmented, [.. One.Keys.Except([Augmented])], "one model", "table 4", joint: false),
        .. Farther(Several, Spiking, [Plain], "several models together", "table 5", joint: true),
        .. Farther(Several, Augmented, [.. Several.Keys.Except([Augmented])], "several models together", "table 5", joint: true),
        .. Together(),
    ];

    internal IEnumerable<PaperClaim> Stronger()
    {
        foreach (var scheme in new[] { Spiking, Augmented })
            if (Averaged(scheme, 0) is { } own && Seen(Plain, 0) is { } plain)
            {
                yield return Claim($"C&W needs a larger change on {scheme} than on {Plain}", $"{own.View}, κ = 0, where most fresh decisions are fooled",
                    scheme, Fooled(own), [(Plain, Fooled(plain))]);
                yield return LessOften(scheme);
            }
    }

    // Only those schemes for which the paper prints less: where it prints more, nothing is claimed.
    private IEnumerable<PaperClaim> Farther(IReadOnlyDictionary<string, Moved> moved, string own, string[] others, string models, string where, bool joint)
    {
        double? Printed(string scheme) => SpikingPaper.Distance(scheme, 0, set, joint);
        var rivals = others.Where(other => moved.ContainsKey(other) && Printed(other) < Printed(own)).Except(results.Untrained).ToArray();
        if (rivals.Length == 0 || !moved.TryGetValue(own, out var mine)) yield break;
        var whom = rivals is [var only] ? only : "every other scheme that the paper prints less for";
        yield return Claim($"C&W on {models} needs a larger change on {own} than on {whom}", where, own, mine,
            [.. rivals.Select(other => (other, moved[other]))]);
    }

    private IEnumerable<PaperClaim> Together()
    {
        var schemes = Several.Keys.Where(One.ContainsKey).Except(results.Untrained).ToArray();
        if (schemes.Length == 0) yield break;
        var gains = schemes.Select(scheme => (Scheme: scheme, Gain: Difference(Several[scheme], One[scheme]))).ToArray();
        yield return PaperClaim.All("To fool several models together needs a larger change than to fool one, in every scheme", "tables 4 and 5",
            "farther " + string.Join("; ", gains.Select(each => $"on {each.Scheme} by {Words(each.Gain)}")),
            [.. gains.Select(each => (each.Gain.Interval, new Interval(0, 0)))]);
    }

    private PaperClaim LessOften(string scheme)
    {
        var margins = results.WhiteBox.Where(each => Averaged(scheme, each.Margin) is not null && Seen(Plain, each.Margin) is not null)
            .Select(each => each.Margin).Distinct().ToArray();
        var places = margins.Select(margin => (Margin: margin, Own: Averaged(scheme, margin)!, Other: Seen(Plain, margin)!)).Select(each => (each.Margin,
            each.Own.Verdicts, Other: each.Other.Verdicts, Less: each.Other.Verdicts.More(each.Own.Verdicts))).ToArray();
        return PaperClaim.All($"C&W reaches its target less often on {scheme} than on {Plain}, at every κ", $"{Averaged(scheme, 0)!.View}, fresh decisions",
            string.Join("; ", places.Select(each => $"κ {Text(each.Margin)}: {scheme} {Ranged(each.Verdicts.Success)}, {Plain} {Ranged(each.Other.Success)}, "
                + $"{Points(each.Less)} points less")),
            [.. places.Select(each => (each.Less.Interval, new Interval(0, 0)))]);
    }

    private static PaperClaim Claim(string text, string where, string own, Moved mine, (string Name, Moved Moved)[] others)
    {
        var gains = others.Select(other => (other.Name, Gain: Difference(mine, other.Moved))).ToArray();
        return PaperClaim.All(text, where, $"{own} {(mine.Mean is { } mean ? Ranged(mean, 2) : "–")}, farther than "
            + string.Join(", ", gains.Select(each => $"on {each.Name} by {Words(each.Gain)}")),
            [.. gains.Select(each => (each.Gain.Interval, new Interval(0, 0)))]);
    }

    // Over the images on which the attacker succeeds with both; without bounds where there are none.
    private static Estimate Difference(Moved own, Moved other)
    {
        double[] differences = [.. Enumerable.Range(0, own.Distance.Length).Where(image => own.Counts[image] && other.Counts[image])
            .Select(image => own.Distance[image] - other.Distance[image])];
        return differences.Length > 0 ? SampleMean.StudentT(differences) : new Estimate(double.NaN, double.NegativeInfinity, double.PositiveInfinity);
    }

    private static string Words(Estimate gain) => double.IsNaN(gain.Value) ? "– (no image in common)" : Ranged(gain, 2);

    private static bool IsItself(string scheme) => DefenseScheme.Named(scheme).AttackedAs == scheme;

    private static Moved Fooled(WhiteBoxResult result) =>
        new(result.Attacked.Distance, [.. Enumerable.Range(0, result.Attacked.Distance.Length).Select(result.Verdicts.IsFooled)]);

    private WhiteBoxResult? Seen(string scheme, double margin) =>
        results.WhiteBox.FirstOrDefault(each => each.Scheme == scheme && each.Margin == margin && each.IsAsPublished);

    private WhiteBoxResult? Averaged(string scheme, double margin) =>
        results.WhiteBox.FirstOrDefault(each => each.Scheme == scheme && each.Margin == margin && !each.IsAsPublished);

    // How far each image was moved, and whether it counts.
    private sealed record Moved(double[] Distance, bool[] Counts)
    {
        internal Estimate? Mean => SpikingResults.Mean(Distance, image => Counts[image]);
    }
}
