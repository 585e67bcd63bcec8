using System.Numerics;
using Defenses.Evaluation.Work;

namespace Defenses.Tests.Evaluation.Work;

/// <summary>The fewest attacks for the same verdict.</summary>
public sealed class SmallestCoverTests
{
    private static readonly double[] s_costs = [5, 4, 3, 2, 1];

    [Fact]
    public void Nothing_broken_needs_nothing() => SmallestCover.Find([], s_costs).Should().BeEmpty();

    [Fact]
    public void An_attack_that_breaks_an_image_alone_is_needed_and_covers_the_rest() =>
        SmallestCover.Find([Set(2), Set(2, 3), Set(0, 1, 2)], s_costs).Should().Equal(2);

    [Fact]
    public void Of_equal_sets_the_cheapest_counts() => SmallestCover.Find([Set(0, 1), Set(0, 1, 4)], s_costs).Should().Equal(1);

    // The greedy choice takes 0 first, which meets four of six, and needs three attacks.
    [Fact]
    public void The_fewest_are_found_where_the_greedy_choice_takes_more() => SmallestCover.Find(
        [Set(0, 1), Set(0, 1, 3), Set(0, 2), Set(0, 2, 4), Set(1), Set(2)], s_costs).Should().Equal(1, 2);

    [Fact]
    public void It_is_as_small_as_the_smallest_of_all_sets()
    {
        var dice = new Random(3);
        for (var round = 0; round < 40; round++)
        {
            BigInteger[] sets = [.. Enumerable.Range(0, 12).Select(_ => new BigInteger(dice.Next(1, 128)))];
            var fewest = Enumerable.Range(0, 128).Where(chosen => sets.All(set => (set & chosen) != 0)).Min(chosen => BitOperations.PopCount((uint)chosen));
            var found = SmallestCover.Find(sets, [1, 2, 3, 4, 5, 6, 7]);
            found.Should().HaveCount(fewest).And.BeInAscendingOrder();
            sets.Should().OnlyContain(set => found.Any(attack => (set & Set(attack)) != 0));
        }
    }

    [Fact]
    public void Many_attacks_end_in_time() => SmallestCover.Find(
        [.. Enumerable.Range(0, 200).Select(image => Set([.. Enumerable.Range(0, 40).Where(attack => (image * 7 + attack * attack) % 11 < 3)]))
            .Where(set => set != 0)], [.. Enumerable.Repeat(1.0, 40)]).Should().NotBeEmpty();

    private static BigInteger Set(params int[] attacks) => attacks.Aggregate(BigInteger.Zero, (set, attack) => set | (BigInteger.One << attack));
}
