using Defenses.Randomness;

namespace Defenses.Tests.Randomness;

public sealed class SeedsTests
{
    [Fact]
    public void Mixing_is_the_finaliser_of_SplitMix64() =>
        // The first outputs for seed 0, as printed by its authors' program.
        new[] { 1, 2, 3 }.Select(i => Seeds.Mix(unchecked((ulong)i * 0x9E3779B97F4A7C15UL)))
            .Should().Equal(0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F);

    [Fact]
    public void Parts_and_seeds_make_different_seeds()
    {
        var seeds = new List<ulong>();
        for (ulong seed = 0; seed < 20; seed++)
        {
            for (long part = -20; part < 20; part++) seeds.Add(Seeds.Combine(seed, part));
            foreach (var path in new[] { "", "a", "b", "ab", "ba", "features.0", "features.1" }) seeds.Add(Seeds.Combine(seed, path));
        }
        seeds.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void A_seed_from_the_operating_system_is_another_each_time() => Seeds.Unpredictable().Should().NotBe(Seeds.Unpredictable());
}
