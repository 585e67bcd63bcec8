using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>The exact probabilities of <see cref="MvmProbabilities"/> in single precision, row by row in the processor's cache.</summary>
/// <remarks>
/// With c draws, w = −(c/2)·ln(1 − p) and m = ½(ln c − ln λ), the optimality condition reads w·(1 − 1/c) + ln(1 − e⁻²ʷ) = ½ ln α + m.
/// For a given m Newton's method finds each w from asinh(½·e^(½ ln α + m)), below the root, where the left side is concave; Newton's
/// method on ln Σp(m) finds m, with bisection where a step leaves the bracket.
/// </remarks>
internal sealed class MvmKernel
{
    private const float Nothing = -80, Smallest = 1e-37f;   // ½ ln α + m of a unit without weight; the least α that counts
    private const int Outer = 40, Inner = 3;
    private readonly float[] _halfLog, _p;
    private readonly double _draws;

    private MvmKernel(int units, double draws)
    {
        var padded = (units + Vector256<float>.Count - 1) & -Vector256<float>.Count;
        (_halfLog, _p, _draws) = (new float[padded], new float[padded], draws);
    }

    internal static Tensor Solve(Tensor alpha, double draws)
    {
        using var scope = NewDisposeScope();
        var result = alpha.contiguous().clone();
        var values = MemoryMarshal.Cast<byte, float>(result.bytes);
        var units = (int)alpha.shape[1];
        var kernel = new MvmKernel(units, draws);
        for (var start = 0; start < values.Length; start += units) kernel.Row(values.Slice(start, units));
        return result.MoveToOuterDisposeScope();
    }

    // Replaces the row's α by p.
    private void Row(Span<float> row)
    {
        var (active, least, mean) = TakeLogarithms(row);
        if (active <= 1)
        {
            for (var i = 0; i < row.Length; i++) row[i] = active == 0 ? 1f / row.Length : _halfLog[i] > float.MinValue ? 1 : 0;
            return;
        }
        var sum = FindSum(active, least, mean);
        for (var i = 0; i < row.Length; i++) row[i] = _halfLog[i] > float.MinValue ? (float)(_p[i] / sum) : 0;
    }

    // ½ ln(α/max α), −∞ (the least number) where α counts as 0. Returns how many count, their least and their mean.
    private (int Active, double Least, double Mean) TakeLogarithms(ReadOnlySpan<float> row)
    {
        var largest = 0f;
        foreach (var value in row) largest = value > largest ? value : largest;
        _halfLog.AsSpan(row.Length).Clear();
        for (var i = 0; i < row.Length; i++) _halfLog[i] = row[i] / largest;
        foreach (ref var block in MemoryMarshal.Cast<float, Vector256<float>>(_halfLog.AsSpan()))
            block = Vector256.ConditionalSelect(
                Vector256.GreaterThan(block, Vector256.Create(Smallest)), VectorMath.Log(block) * 0.5f, Vector256.Create(float.MinValue));
        var (active, least, total) = (0, 0.0, 0.0);
        foreach (var half in _halfLog)
        {
            if (half == float.MinValue) continue;
            active++;
            least = Math.Min(least, half);
            total += half;
        }
        return (active, least, total / Math.Max(active, 1));
    }

    // Finds the m at which the probabilities in _p sum to 1, and returns their sum.
    private double FindSum(int active, double least, double mean)
    {
        var uniform = -_draws / 2 * Math.Log(1 - 1.0 / active);
        uniform = uniform * (1 - 1 / _draws) + Math.Log(-Math.Exp(-2 * uniform) + 1);   // the m at which equal weights are solved
        var (low, high, m) = (uniform, uniform - least, uniform - mean);
        for (var iteration = 1; ; iteration++)
        {
            var (sum, slope) = Evaluate((float)m);
            if (!(Math.Abs(sum - 1) > 1e-6) || iteration == Outer) return sum;
            if (sum > 1) high = m;
            else low = m;
            m -= sum * Math.Log(sum) / slope;
            if (!(m > low && m < high)) m = (low + high) / 2;
        }
    }

    // The probabilities at m; their sum and its slope.
    private (double Sum, double Slope) Evaluate(float m)
    {
        var (sum, slope) = (Vector256<float>.Zero, Vector256<float>.Zero);
        var halfLogs = MemoryMarshal.Cast<float, Vector256<float>>(_halfLog.AsSpan());
        var probabilities = MemoryMarshal.Cast<float, Vector256<float>>(_p.AsSpan());
        var draws = (float)_draws;
        for (var i = 0; i < halfLogs.Length; i++)
        {
            var (p, change) = Probability(Vector256.Clamp(halfLogs[i] + Vector256.Create(m), Vector256.Create(Nothing), Vector256.Create(80f)), draws);
            probabilities[i] = p;
            sum += p;
            slope += change;
        }
        return (Vector256.Sum(sum), Vector256.Sum(slope));
    }

    // p and dp/dm where w(1 − 1/c) + ln(1 − e⁻²ʷ) = level.
    private static (Vector256<float> P, Vector256<float> Slope) Probability(Vector256<float> level, float draws)
    {
        var one = Vector256<float>.One;
        var z = VectorMath.Exp(level) * 0.5f;
        var small = z - z * z * z * (1 / 6f);   // asinh z, from below
        var w = Vector256.ConditionalSelect(
            Vector256.LessThan(z, Vector256.Create(0.25f)), small, VectorMath.Log(z + Vector256.Sqrt(z * z + one)));
        var kept = one;
        for (var step = 0; step < Inner; step++)
        {
            kept = -VectorMath.ExpMinusOne(w * -2f);   // 1 − e⁻²ʷ = π
            var error = w * (1 - 1 / draws) + VectorMath.Log(kept) - level;
            w -= error * kept / (Vector256.Create(2f) - kept - kept * (1 / draws));
        }
        var p = -VectorMath.ExpMinusOne(w * (-2 / draws));
        return (p, 2f * (one - p) * kept / (draws * (Vector256.Create(2f) - kept) - kept));
    }
}
