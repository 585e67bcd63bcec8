using System.Runtime.Intrinsics;
using Defenses.Randomness;

namespace Defenses.Tests.Randomness;

public sealed class VectorMathTests
{
    private const double Ulp = 1.0 / (1 << 23);

    [Fact]
    public void The_logarithm_is_right_to_two_units_over_all_normal_numbers() =>
        Check(Grid(-87, 88).Select(Math.Exp), VectorMath.Log, Math.Log, x => 2 * Ulp * Math.Abs(Math.Log(x)) + 1e-8 * Math.Abs(x - 1));

    [Fact]
    public void The_logarithm_of_one_minus_a_small_number_keeps_its_digits() =>
        Check(Grid(-80, -1e-3).Select(Math.Exp).Append(0), VectorMath.LogOneMinus, p => p < 1e-4 ? -p - p * p / 2 - p * p * p / 3 : Math.Log(1 - p),
            p => 2 * Ulp * p + (p < 0.29 ? 0 : 2 * Ulp * -Math.Log(1 - p)));

    [Fact]
    public void The_logarithm_of_nothing_left_is_very_small() => VectorMath.LogOneMinus(Vector256<float>.One)[0].Should().BeLessThan(-87);

    [Fact]
    public void The_exponential_is_right_to_two_units() => Check(Grid(-86.9, 88), VectorMath.Exp, Math.Exp, x => 2 * Ulp * Math.Exp(x));

    [Fact]
    public void The_exponential_minus_one_keeps_the_digits_of_small_numbers() =>
        Check(Grid(-86, 80).Concat(Grid(-80, 0).Select(Math.Exp)).Concat(Grid(-80, 0).Select(x => -Math.Exp(x))).Append(0), VectorMath.ExpMinusOne,
            x => Math.Abs(x) < 1e-4 ? x + x * x / 2 + x * x * x / 6 : Math.Exp(x) - 1, x => 2 * Ulp * Math.Max(Math.Abs(x), Math.Abs(Math.Exp(x) - 1)));

    [Fact]
    public void Sine_and_cosine_are_right_within_an_eighth_turn()
    {
        Check(Grid(-Math.PI / 4, Math.PI / 4), x => VectorMath.SinCosEighth(x).Sin, Math.Sin, x => 2 * Ulp * Math.Abs(Math.Sin(x)));
        Check(Grid(-Math.PI / 4, Math.PI / 4), x => VectorMath.SinCosEighth(x).Cos, Math.Cos, _ => 2 * Ulp);
    }

    private static IEnumerable<double> Grid(double from, double to) => Enumerable.Range(0, 20_001).Select(i => from + (to - from) * i / 20_000);

    private static void Check(
        IEnumerable<double> points, Func<Vector256<float>, Vector256<float>> actual, Func<double, double> expected, Func<double, double> tolerance)
    {
        foreach (var chunk in points.Select(x => (float)x).Chunk(8))
        {
            var padded = chunk.Concat(Enumerable.Repeat(chunk[0], 8 - chunk.Length)).ToArray();
            var found = actual(Vector256.Create(padded));
            for (var i = 0; i < chunk.Length; i++)
                if (!(Math.Abs(found[i] - expected(chunk[i])) <= tolerance(chunk[i])))
                    Assert.Fail($"at {chunk[i]:R}: {found[i]:R} instead of {expected(chunk[i]):R}");
        }
    }
}
