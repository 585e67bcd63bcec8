using System.Numerics;
using Defenses.Attacks;
using Defenses.Evaluation.Reporting;

namespace Defenses.Evaluation.Work;

/// <summary>Counts, block by block, which attacks break which images of a defense at one strength.</summary>
/// <remarks>Images that the same attacks break are counted together, so the size grows with the number of such sets only.</remarks>
internal sealed class BasisSum(int attacks, int draws)
{
    private readonly long[] _strongest = new long[attacks], _passes = new long[attacks];
    private readonly Dictionary<BigInteger, long> _images = [];   // by the set of attacks that breaks them, a bit for each attack
    private long _count;

    internal void Add(AttackRecord block, bool[] recognized)
    {
        _count += recognized.Length;
        foreach (var (cell, piece) in block.Cells) _passes[cell] += piece.Forward + piece.Backward;
        for (var image = 0; image < recognized.Length; image++)
        {
            if (!recognized[image]) continue;
            var breaking = block.Cells.Where(cell => 2 * cell.Value.Met[image] > draws)
                .Aggregate(BigInteger.Zero, (set, cell) => set | (BigInteger.One << cell.Key));
            if (breaking.IsZero) continue;
            _images[breaking] = _images.GetValueOrDefault(breaking) + 1;
            _strongest[block.Chosen[image]]++;
        }
    }

    /// <summary>The counts.</summary>
    /// <param name="attack">The attack of a cell.</param>
    internal VerdictBasis Basis(Func<int, Attack> attack)
    {
        double[] passes = [.. _passes.Select(sum => _count == 0 ? 0 : (double)sum / _count)];
        double[] next = [.. passes.Select((own, cell) => own == 0 ? 0 : own * Growth(attack(cell)))];
        var needed = SmallestCover.Find(_images.Keys, passes);
        return new VerdictBasis
        {
            Broken = _images.Values.Sum(), Needed = needed, Passes = passes.Sum(), NeededPasses = needed.Sum(cell => passes[cell]), NextPasses = next.Sum(),
            NextNeededPasses = needed.Sum(cell => next[cell]),
            Attacks = [.. Enumerable.Range(0, attacks).Select(cell => new AttackShare(_strongest[cell],
                _images.Where(set => Has(set.Key, cell)).Sum(set => set.Value), _images.GetValueOrDefault(BigInteger.One << cell)))],
        };
    }

    private static bool Has(BigInteger set, int cell) => !((set >> cell) & BigInteger.One).IsZero;

    // The factor of passes for twice the steps.
    private static double Growth(Attack attack) => attack.WithMore(AttackEffort.Steps, 2) is not { } more ? 1
        : more.GradientSteps is { } steps && attack.GradientSteps is > 0 and var before ? (double)steps / before : 2;
}
