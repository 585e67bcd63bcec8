using Defenses.Attacks;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>The sieve loses no best pair: against the map of all pairs.</summary>
public sealed class BestPairTests
{
    [Theory]
    [InlineData(0.9)]
    [InlineData(0.0)]
    [InlineData(-0.9)]
    [InlineData(-1.0)]
    public void Equals_the_best_of_all_pairs(double correlation)
    {
        using var scope = NewDisposeScope();
        using var random = new RandomSource(11);
        var like = zeros([40, 30], dtype: ScalarType.Float64);
        var first = random.Normal(like);
        var second = first * correlation + random.Normal(like) * Math.Sqrt(1 - correlation * correlation);
        var allowed = random.Bernoulli(0.7, like) > 0;
        var (pair, found) = BestPair.Find(first, second, allowed);
        var best = AllProducts(first, second, allowed).flatten(1).amax([1]);
        found.eq(best > 0).all().ToBoolean().Should().BeTrue();
        var value = first.gather(1, pair).sum(1) * second.gather(1, pair).sum(1);
        where(found, value - best, zeros_like(best)).abs().max().ToDouble().Should().BeLessThan(1e-12);
        pair.select(1, 0).ne(pair.select(1, 1)).logical_or(found.logical_not()).all().ToBoolean().Should().BeTrue();
    }

    [Fact]
    public void Without_a_pair_of_rising_sums_none_is_found()
    {
        using var scope = NewDisposeScope();
        var (_, found) = BestPair.Find(-ones(2, 5), ones(2, 5), ones([2, 5], dtype: ScalarType.Bool));
        found.any().ToBoolean().Should().BeFalse();
        (_, found) = BestPair.Find(ones(2, 5), ones(2, 5), zeros([2, 5], dtype: ScalarType.Bool));
        found.any().ToBoolean().Should().BeFalse();
    }

    private static Tensor AllProducts(Tensor first, Tensor second, Tensor allowed)
    {
        var (a, b) = (first.unsqueeze(2) + first.unsqueeze(1), second.unsqueeze(2) + second.unsqueeze(1));
        var valid = (a > 0).logical_and(b > 0).logical_and(allowed.unsqueeze(2)).logical_and(allowed.unsqueeze(1))
            .logical_and(eye(first.shape[1]).eq(0).unsqueeze(0));
        return where(valid, a * b, full_like(a, double.NegativeInfinity));
    }
}
