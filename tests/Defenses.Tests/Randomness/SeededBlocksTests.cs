using Defenses.Randomness;

namespace Defenses.Tests.Randomness;

public sealed class SeededBlocksTests
{
    [Fact]
    public void Boundaries_and_seeds_follow_the_global_index() =>
        SeededBlocks.Split(first: 15, count: 30, seed: 7).Should().Equal(
            new BlockPart(0, 5, 15, Seeds.Combine(7, 0L)), new BlockPart(5, 20, 0, Seeds.Combine(7, 1L)), new BlockPart(25, 5, 0, Seeds.Combine(7, 2L)));

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(37)]
    public void Every_example_lies_in_exactly_one_part(long first) =>
        SeededBlocks.Split(first, 53, null).SelectMany(part => Enumerable.Range((int)part.Row, (int)part.Count)).Should().Equal(Enumerable.Range(0, 53));

    [Fact]
    public void Without_a_seed_no_block_has_one() => SeededBlocks.Split(0, 41, null).Should().HaveCount(3).And.OnlyContain(part => part.Seed == null);
}
