using Defenses.Statistics;

namespace Defenses.Tests.Statistics;

public sealed class McNemarTests
{
    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0, 1, 1)]
    [InlineData(0, 6, 0.03125)]
    [InlineData(1, 5, 0.21875)]
    [InlineData(10, 10, 1)]
    public void Is_the_two_sided_test_of_a_fair_coin(long first, long second, double p)
    {
        McNemar.PValue(first, second).Should().BeApproximately(p, 1e-12);
        McNemar.PValue(second, first).Should().BeApproximately(p, 1e-12);
    }

    [Fact]
    public void Rejects_equal_models_no_more_often_than_stated()
    {
        const int Runs = 2000;
        Dice.Share(Runs, 5, dice =>
        {
            var first = dice.Successes(40, 0.5);
            return McNemar.PValue(first, 40 - first) <= 0.05;
        }).Should().BeLessThanOrEqualTo(1 - Dice.AtLeast(0.95, Runs));
    }

    [Fact]
    public void Negative_counts_are_refused()
    {
        FluentActions.Invoking(() => McNemar.PValue(-1, 0)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("firstOnly");
        FluentActions.Invoking(() => McNemar.PValue(0, -1)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("secondOnly");
    }
}
