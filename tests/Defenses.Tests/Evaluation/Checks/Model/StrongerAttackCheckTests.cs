using Defenses.Evaluation.Checks;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class StrongerAttackCheckTests
{
    // One tail of fair coins: 1/64 for six against none, 10/512 for eight against one, 9/256 for seven against one.
    [Theory]
    [InlineData(6, 0, true)]
    [InlineData(5, 0, false)]
    [InlineData(8, 1, true)]
    [InlineData(7, 1, false)]
    [InlineData(0, 6, false)]
    [InlineData(40, 40, false)]
    public void A_rival_wins_where_coins_would_do_as_well_in_2_of_100_cases_at_most(int more, int fewer, bool wins) =>
        StrongerAttackCheck.IsMore(more, fewer).Should().Be(wins);
}
