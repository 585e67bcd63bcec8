using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>The mask of stochastic activation pruning in one pass over host memory, in single precision.</summary>
internal static class PruningKernel
{
    /// <summary>1/π with probability π, else 0, for each activation of x: (N, …) → (N, …).</summary>
    internal static Tensor Mask(Tensor x, double draws, RandomSource random)
    {
        var channelsLast = Layout.IsChannelsLast(x);
        var input = Layout.InMemoryOrder(x, channelsLast);
        var mask = random.Uniform(x);
        if (random.IsReplaying) mask = mask.expand(x.shape);
        mask = Layout.InMemoryOrder(mask, channelsLast);
        var from = MemoryMarshal.Cast<byte, float>(input.bytes);
        var to = MemoryMarshal.Cast<byte, float>(mask.bytes);
        var units = from.Length / (int)x.shape[0];
        for (var start = 0; start < from.Length; start += units) Row(from.Slice(start, units), to.Slice(start, units), (float)draws);
        return Layout.InIndexOrder(mask, channelsLast);
    }

    // Turns uniform numbers into the mask of one example.
    private static void Row(ReadOnlySpan<float> x, Span<float> mask, float draws)
    {
        var (power, factor) = Reciprocal(AbsoluteSum(x));
        var length = Vector256<float>.Count;
        var i = 0;
        for (; i <= x.Length - length; i += length)
            Weights(Vector256.Create(x[i..]), Vector256.Create<float>(mask[i..]), power, factor, draws).CopyTo(mask[i..]);
        if (i == x.Length) return;
        Span<float> last = stackalloc float[2 * length];
        x[i..].CopyTo(last);
        mask[i..].CopyTo(last[length..]);
        Weights(Vector256.Create<float>(last), Vector256.Create<float>(last[length..]), power, factor, draws).CopyTo(last);
        last[..(x.Length - i)].CopyTo(mask[i..]);
    }

    private static Vector256<float> Weights(Vector256<float> x, Vector256<float> uniform, float power, float factor, float draws)
    {
        var p = Vector256.Min(Vector256.Abs(x) * power * factor, Vector256<float>.One);
        var kept = -VectorMath.ExpMinusOne(VectorMath.LogOneMinus(p) * draws);
        return Vector256.LessThan(uniform, kept).AsSingle() & (Vector256<float>.One / kept);
    }

    private static double AbsoluteSum(ReadOnlySpan<float> x)
    {
        var (low, high) = (Vector256<double>.Zero, Vector256<double>.Zero);
        var blocks = MemoryMarshal.Cast<float, Vector256<float>>(x);
        foreach (var block in blocks)
        {
            var (first, second) = Vector256.Widen(Vector256.Abs(block));
            low += first;
            high += second;
        }
        var sum = Vector256.Sum(low + high);
        foreach (var value in x[(blocks.Length * Vector256<float>.Count)..]) sum += Math.Abs(value);
        return sum;
    }

    // 1/sum as a power of two times a number near 1, since 1/sum itself may lie outside single precision. NaN for a sum of 0.
    private static (float Power, float Factor) Reciprocal(double sum)
    {
        if (!(sum > 0)) return (float.NaN, float.NaN);
        var power = Math.ScaleB(1, Math.Clamp(-Math.ILogB(sum), -126, 126));
        return ((float)power, (float)(1 / (sum * power)));
    }
}
