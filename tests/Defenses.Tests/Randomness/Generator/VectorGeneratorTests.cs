using Defenses.Randomness;
using MathNet.Numerics.Distributions;

namespace Defenses.Tests.Randomness;

public sealed class VectorGeneratorTests
{
    private const int Count = 400_000;

    [Fact]
    public void Uniform_numbers_are_uniform_by_chi_square_and_by_their_largest_deviation()
    {
        var numbers = Uniform(seed: 1);
        numbers.Should().NotContain(u => u < 0 || u >= 1);
        ChiSquare(numbers.Select(u => (int)(u * 1000)), 1000).Should().BeInRange(1e-4, 1 - 1e-4);
        var sorted = numbers.Order().ToArray();
        var largest = sorted.Select((u, i) => Math.Max(Math.Abs(u - i / (double)Count), Math.Abs((i + 1) / (double)Count - u))).Max();
        largest.Should().BeLessThan(Math.Sqrt(-Math.Log(1e-4 / 2) / 2 / Count), "Kolmogorov and Smirnov's bound at 1 in 10,000");
    }

    [Fact]
    public void Each_bit_of_a_uniform_number_is_a_fair_coin()
    {
        var numbers = Uniform(seed: 2).Select(u => (int)(u * (1 << 24))).ToArray();
        for (var bit = 0; bit < 24; bit++)
            (numbers.Count(n => (n >> bit & 1) == 1) / (double)Count).Should().BeApproximately(0.5, 4 * 0.5 / Math.Sqrt(Count));
    }

    [Fact]
    public void Numbers_beside_each_other_are_independent()
    {
        var numbers = Uniform(seed: 3);
        foreach (var lag in new[] { 1, 2, 4, 7, 8, 16, 1024 })
            ChiSquare(Enumerable.Range(0, Count - lag).Select(i => (int)(numbers[i] * 16) * 16 + (int)(numbers[i + lag] * 16)), 256)
                .Should().BeInRange(1e-4, 1 - 1e-4, $"lag {lag}");
    }

    [Fact]
    public void Seeds_and_draws_beside_each_other_give_independent_streams()
    {
        var streams = Enumerable.Range(0, 30).Select(seed => Uniform((ulong)seed, 20_000))
            .Concat(Enumerable.Range(0, 30).Select(draw => Uniform(Seeds.Combine(7, (long)draw), 20_000))).ToArray();
        for (var i = 1; i < streams.Length; i++)
            Math.Abs(Correlation(streams[i - 1], streams[i])).Should().BeLessThan(5 / Math.Sqrt(20_000));
        streams.Select(stream => stream[0]).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Normal_numbers_have_the_moments_and_the_shape_of_the_normal_law()
    {
        var numbers = Normal(seed: 4);
        double Moment(int power) => numbers.Average(z => Math.Pow(z, power));
        Moment(1).Should().BeApproximately(0, 4 / Math.Sqrt(Count));
        Moment(2).Should().BeApproximately(1, 4 * Math.Sqrt(2.0 / Count));
        Moment(3).Should().BeApproximately(0, 4 * Math.Sqrt(15.0 / Count));
        Moment(4).Should().BeApproximately(3, 4 * Math.Sqrt(96.0 / Count));
        ChiSquare(numbers.Select(z => Math.Min(999, (int)(1000 * MathNet.Numerics.Distributions.Normal.CDF(0, 1, z)))), 1000).Should()
            .BeInRange(1e-4, 1 - 1e-4);
    }

    [Theory]
    [InlineData(3.0)]
    [InlineData(4.0)]
    [InlineData(4.5)]
    public void Tails_are_as_heavy_as_they_should_be(double beyond)
    {
        var expected = 4 * Count * 2 * MathNet.Numerics.Distributions.Normal.CDF(0, 1, -beyond);
        var found = Enumerable.Range(10, 4).Sum(seed => Normal((ulong)seed).Count(z => Math.Abs(z) > beyond));
        found.Should().BeInRange((int)(expected - 4 * Math.Sqrt(expected)), (int)(expected + 4 * Math.Sqrt(expected)));
    }

    [Fact]
    public void The_two_numbers_of_one_transform_are_independent()
    {
        var numbers = Normal(seed: 5);
        var pairs = Enumerable.Range(0, Count / 16).SelectMany(block =>
            Enumerable.Range(0, 8).Select(lane => (A: (double)numbers[16 * block + lane], B: (double)numbers[16 * block + 8 + lane]))).ToArray();
        pairs.Average(pair => pair.A * pair.B).Should().BeApproximately(0, 4 / Math.Sqrt(pairs.Length));
        pairs.Average(pair => (pair.A * pair.A - 1) * (pair.B * pair.B - 1)).Should().BeApproximately(0, 4 * 2 / Math.Sqrt(pairs.Length));
        ChiSquare(pairs.Select(pair => (int)((Math.Atan2(pair.B, pair.A) / Math.PI + 1) * 50) % 100), 100).Should().BeInRange(1e-4, 1 - 1e-4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e-4)]
    [InlineData(0.2)]
    [InlineData(0.5)]
    [InlineData(0.999)]
    [InlineData(1)]
    public void Flags_are_raised_with_their_probability(double probability)
    {
        var flags = new float[Count];
        new VectorGenerator(6).Bernoulli(flags, probability, 2.5f);
        flags.Should().NotContain(flag => flag != 0 && flag != 2.5f);
        (flags.Count(flag => flag > 0) / (double)Count).Should().BeApproximately(probability, 4 * Math.Sqrt(probability * (1 - probability) / Count));
    }

    [Fact]
    public void A_fill_is_the_beginning_of_a_longer_one_and_equal_fills_use_equal_parts_of_the_stream()
    {
        foreach (var length in new[] { 1, 3, 7, 8, 9, 15, 16, 17, 31, 100, 1023, 1024, 1025, 3000 })
            foreach (var kind in Kinds)
            {
                var (first, second) = (new VectorGenerator(8), new VectorGenerator(8));
                var (part, again, whole) = (new float[length], new float[length], new float[4096]);
                kind.Single(first, part);
                kind.Single(second, again);
                part.Should().Equal(again);
                first.Bits().Should().Be(second.Bits());
                kind.Single(new VectorGenerator(8), whole);
                part.Should().Equal(whole[..length]);
            }
    }

    [Fact]
    public void Double_precision_gives_the_numbers_of_single_precision_and_uses_as_much_of_the_stream()
    {
        foreach (var length in new[] { 1, 5, 8, 13, 16, 1000, 1024, 2049 })
            foreach (var kind in Kinds)
            {
                var (first, second) = (new VectorGenerator(9), new VectorGenerator(9));
                var (narrow, wide) = (new float[length], new double[length]);
                kind.Single(first, narrow);
                kind.Double(second, wide);
                for (var i = 0; i < length; i++) wide[i].Should().BeApproximately(narrow[i], 1e-6);
                first.Bits().Should().Be(second.Bits(), $"length {length}");
            }
    }

    [Fact]
    public void The_stream_is_that_of_the_published_algorithm()
    {
        // xoshiro256++ as printed by its authors, on the state that SplitMix64 makes of the seed, lane by lane.
        const ulong Seed = 12345;
        var words = new ulong[16];
        var counter = Seed;
        for (var i = 0; i < words.Length; i++) words[i] = Seeds.Mix(counter += 0x9E3779B97F4A7C15UL);
        var state = new Xoshiro(Seed);
        for (var step = 0; step < 100; step++)
        {
            var vector = state.Next();
            for (var lane = 0; lane < 4; lane++)
            {
                ref ulong a = ref words[lane], b = ref words[4 + lane], c = ref words[8 + lane], d = ref words[12 + lane];
                vector[lane].Should().Be(ulong.RotateLeft(a + d, 23) + a);
                var shifted = b << 17;
                c ^= a;
                d ^= b;
                b ^= c;
                a ^= d;
                c ^= shifted;
                d = ulong.RotateLeft(d, 45);
            }
        }
    }

    private static (Action<VectorGenerator, float[]> Single, Action<VectorGenerator, double[]> Double)[] Kinds { get; } =
    [
        ((generator, target) => generator.Uniform(target), (generator, target) => generator.Uniform(target)),
        ((generator, target) => generator.Normal(target), (generator, target) => generator.Normal(target)),
        ((generator, target) => generator.Bernoulli(target, 0.3), (generator, target) => generator.Bernoulli(target, 0.3)),
    ];

    private static float[] Uniform(ulong seed, int count = Count)
    {
        var numbers = new float[count];
        new VectorGenerator(seed).Uniform(numbers);
        return numbers;
    }

    private static float[] Normal(ulong seed)
    {
        var numbers = new float[Count];
        new VectorGenerator(seed).Normal(numbers);
        return numbers;
    }

    // The probability of a smaller statistic, when the classes are equally likely.
    private static double ChiSquare(IEnumerable<int> classes, int count)
    {
        var found = new double[count];
        foreach (var one in classes) found[one]++;
        var expected = found.Sum() / count;
        return ChiSquared.CDF(count - 1, found.Sum(n => (n - expected) * (n - expected) / expected));
    }

    private static double Correlation(float[] a, float[] b) => a.Zip(b).Average(pair => (pair.First - 0.5) * (pair.Second - 0.5)) * 12;
}
