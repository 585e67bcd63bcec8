using System.Runtime.Intrinsics.X86;
using Defenses.Randomness;

namespace Defenses.Tests.Randomness;

public sealed class NormalNumbersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(32)]
    [InlineData(63)]
    [InlineData(4096)]
    [InlineData(100_001)]
    public void Processors_with_and_without_wide_vectors_give_the_same_bits(int count)
    {
        var expected = Steps(count);
        foreach (var wide in Avx512F.IsSupported ? new[] { false, true } : [false])
        {
            var random = new Xoshiro(1);
            var numbers = new float[count];
            NormalNumbers.Add(ref random, numbers, numbers, 1, wide);
            numbers.Should().Equal(expected);
        }
    }

    [Fact]
    public void The_numbers_are_added_as_the_sum_of_the_input_and_the_numbers_alone()
    {
        const int Count = 5000;
        var x = Enumerable.Range(0, Count).Select(i => MathF.Sin(i)).ToArray();
        var (numbers, sum) = (new float[Count], new float[Count]);
        new VectorGenerator(3).Normal(numbers, 0.3f);
        new VectorGenerator(3).AddNormal(x, sum, 0.3f);
        sum.Should().Equal(x.Zip(numbers, (value, number) => value + number));
        new VectorGenerator(3).AddNormal(x, x, 0.3f);
        x.Should().Equal(sum);
    }

    // One step after another.
    private static float[] Steps(int count)
    {
        var random = new Xoshiro(1);
        var numbers = new float[count];
        for (var start = 0; start < count; start += 16)
        {
            var step = numbers.AsSpan(start, Math.Min(16, count - start));
            NormalNumbers.Add(ref random, step, step, 1, wide: false);
        }
        return numbers;
    }
}
