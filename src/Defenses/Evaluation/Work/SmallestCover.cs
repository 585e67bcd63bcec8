using System.Numerics;

namespace Defenses.Evaluation.Work;

/// <summary>The fewest attacks that break every image that any of them breaks.</summary>
internal sealed class SmallestCover
{
    private const int MostBranches = 200_000;   // some seconds; the greedy choice stands where more would be needed
    private readonly IReadOnlyList<double> _costs;
    private int[] _best;
    private int _branches;

    private SmallestCover(IReadOnlyList<double> costs, int[] first) => (_costs, _best) = (costs, first);

    /// <summary>The smallest set; of several the cheapest.</summary>
    /// <param name="sets">The attacks that break an image, a bit for each; no set is empty.</param>
    /// <param name="costs">The cost of each attack.</param>
    /// <returns>The numbers of the attacks, ascending.</returns>
    internal static int[] Find(IEnumerable<BigInteger> sets, IReadOnlyList<double> costs)
    {
        BigInteger[] all = [.. sets.Distinct()];
        // A set that holds another one is met whenever that is.
        BigInteger[] decisive = [.. all.Where(set => !all.Any(other => other != set && (other & set) == other)).OrderBy(Size)];
        var cover = new SmallestCover(costs, Greedy(decisive, costs));
        cover.Search(decisive, []);
        return [.. cover._best.Order()];
    }

    private void Search(BigInteger[] left, int[] chosen)
    {
        if (left.Length == 0)
        {
            if (chosen.Length < _best.Length || chosen.Length == _best.Length && Cost(chosen) < Cost(_best)) _best = chosen;
            return;
        }
        if (chosen.Length + 1 > _best.Length || ++_branches > MostBranches) return;
        foreach (var attack in Members(left[0])) Search([.. left.Where(set => !Has(set, attack))], [.. chosen, attack]);
    }

    // The attack that meets most sets, the cheapest of several, again and again.
    private static int[] Greedy(BigInteger[] sets, IReadOnlyList<double> costs)
    {
        var (left, chosen) = (sets, new List<int>());
        while (left.Length > 0)
        {
            chosen.Add(left.SelectMany(Members).Distinct().OrderByDescending(attack => left.Count(set => Has(set, attack)))
                .ThenBy(attack => costs[attack]).First());
            left = [.. left.Where(set => !Has(set, chosen[^1]))];
        }
        return [.. chosen];
    }

    private double Cost(IEnumerable<int> attacks) => attacks.Sum(attack => _costs[attack]);

    private static int Size(BigInteger set) => Members(set).Count();

    private static bool Has(BigInteger set, int attack) => !((set >> attack) & BigInteger.One).IsZero;

    private static IEnumerable<int> Members(BigInteger set) => Enumerable.Range(0, (int)set.GetBitLength()).Where(attack => Has(set, attack));
}
