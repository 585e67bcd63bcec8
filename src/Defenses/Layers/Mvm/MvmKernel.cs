using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>The exact probabilities of <see cref="MvmProbabilities"/> in single precision, row by row in the processor's cache.</summary>
/// <remarks>
/// With c draws, w = −(c/2)·ln(1 − p) and m = ½(ln c − ln λ), the optimality condition reads w·(1 − 1/c) + ln(1 − e⁻²ʷ) = ½ ln α + m.
/// For a given m <see cref="MvmRoots"/> finds each w; Newton's method on ln Σp(m) finds m, with bisection where a step leaves the bracket.
/// </remarks>
internal sealed class MvmKernel
{
    private const float Smallest = 1e-37f;   // the smallest α that counts as positive, if the largest is 1
    private const int Outer = 40;
    private readonly MvmRoots _roots;
    private readonly double _draws;

    private MvmKernel(int units, double draws) => (_roots, _draws) = (new MvmRoots(units, draws), draws);

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
        var halfLogs = MemoryMarshal.Cast<Vector256<float>, float>(_roots.HalfLogs);
        var (active, least, mean) = TakeLogarithms(row, halfLogs);
        if (active <= 1)
        {
            for (var i = 0; i < row.Length; i++) row[i] = active == 0 ? 1f / row.Length : halfLogs[i] > float.MinValue ? 1 : 0;
            return;
        }
        var scale = (float)(1 / FindSum(active, least, mean));
        var probabilities = _roots.Probabilities;
        for (var i = 0; i < row.Length; i++) row[i] = halfLogs[i] > float.MinValue ? probabilities[i] * scale : 0;
    }

    // ½ ln(α/max α); float.MinValue where α counts as 0. Returns the number of positive α, and the least and the mean of their logarithms.
    private (int Active, double Least, double Mean) TakeLogarithms(ReadOnlySpan<float> row, Span<float> halfLogs)
    {
        var largest = 0f;
        foreach (var value in row) largest = value > largest ? value : largest;
        halfLogs[row.Length..].Clear();
        for (var i = 0; i < row.Length; i++) halfLogs[i] = row[i] / largest;
        foreach (ref var block in _roots.HalfLogs)
            block = Vector256.ConditionalSelect(
                Vector256.GreaterThan(block, Vector256.Create(Smallest)), VectorMath.Log(block) * 0.5f, Vector256.Create(float.MinValue));
        var (active, least, total) = (0, 0f, 0.0);
        foreach (var half in halfLogs)
        {
            if (half == float.MinValue) continue;
            active++;
            least = half < least ? half : least;
            total += half;
        }
        return (active, least, total / Math.Max(active, 1));
    }

    // Finds the m at which the probabilities sum to 1, and returns their sum.
    private double FindSum(int active, double least, double mean)
    {
        var uniform = -_draws / 2 * Math.Log(1 - 1.0 / active);
        uniform = uniform * (1 - 1 / _draws) + Math.Log(-Math.Exp(-2 * uniform) + 1);   // the m at which equal weights are solved
        var (low, high, m) = (uniform, uniform - least, uniform - mean);
        _roots.Begin();
        for (var iteration = 1; ; iteration++)
        {
            var (sum, slope) = _roots.Evaluate((float)m);
            if (!(Math.Abs(sum - 1) > 1e-6) || iteration == Outer) return sum;
            if (sum > 1) high = m;
            else low = m;
            m -= sum * Math.Log(sum) / slope;
            if (!(m > low && m < high)) m = (low + high) / 2;
        }
    }
}
