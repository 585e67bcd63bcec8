using Defenses.Metrics;

namespace Defenses.Papers;

/// <summary>One set of examples made on several models of a scheme, and what every scheme's validation models say to them.</summary>
/// <param name="Crafted">The scheme they were made on.</param>
/// <param name="Margin">κ.</param>
/// <param name="Distance">The size of each perturbation.</param>
/// <param name="Met">Whether the attacker saw his goal met on his own models.</param>
/// <param name="Verdicts">By scheme, then model.</param>
internal sealed record SchemeTransfer(string Crafted, double Margin, double[] Distance, bool[] Met, IReadOnlyDictionary<string, JudgeCounts[]> Verdicts)
{
    /// <summary>
    /// The cases that an attacker with validation models would send: for each tested model, those examples that fool enough of the other validation
    /// models of the scheme he knows (5 of 7 in the paper, here the same share rounded up); without validation all of them.
    /// </summary>
    internal IEnumerable<TransferCase> Cases(string tested, bool validated)
    {
        var own = Verdicts[Crafted];
        for (var model = 0; model < Verdicts[tested].Length; model++)
        {
            var others = own.Where((_, other) => other != model).ToArray();
            for (var image = 0; image < Distance.Length; image++)
                if (!validated || others.Count(verdicts => verdicts.IsFooled(image)) >= Needed(others.Length))
                    yield return new TransferCase(image, Crafted, tested, Distance[image], Verdicts[tested][model].Share(image));
        }
    }

    /// <summary>How many of so many validation models must be fooled: 5 of 7, rounded up, at least one.</summary>
    internal static int Needed(int validators) => Math.Max(1, (5 * validators + 6) / 7);
}
