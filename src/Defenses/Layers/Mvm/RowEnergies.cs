using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>Squared norms of the rows that <see cref="MvmSampling"/> samples, scaled so that they neither overflow nor underflow.</summary>
internal static class RowEnergies
{
    /// <summary>(N, C, …) → (N, positions), sums over the channels; (N, C) → (N, C), squares. Each example is scaled by a constant.</summary>
    internal static Tensor Of(Tensor x)
    {
        var recorded = x.requires_grad && is_grad_enabled();
        if (x.dim() > 2 && !recorded && MemoryLayout.IsPlain(x)) return Sums(x);
        var flat = Masks.Precise(x).flatten(1);
        var scaled = flat / flat.detach().abs().amax([1], keepdim: true).clamp_min(Masks.Tiny(flat));
        return x.dim() == 2 ? scaled.square() : scaled.view(x.shape).square().sum(1).flatten(1);
    }

    private static Tensor Sums(Tensor x)
    {
        var channelsLast = MemoryLayout.IsChannelsLast(x);
        var memory = MemoryMarshal.Cast<byte, float>(MemoryLayout.InMemoryOrder(x, channelsLast).bytes);
        var (examples, channels) = ((int)x.shape[0], (int)x.shape[1]);
        var positions = memory.Length / examples / channels;
        var result = empty([examples, positions], dtype: ScalarType.Float32);
        var target = MemoryMarshal.Cast<byte, float>(result.bytes);
        var sums = new double[positions];
        for (var example = 0; example < examples; example++)
        {
            var values = memory.Slice(example * channels * positions, channels * positions);
            if (channelsLast) SumEachPosition(values, sums);
            else SumEachChannel(values, sums);
            Scale(sums, target.Slice(example * positions, positions));
        }
        return result;
    }

    // (H·W, C): one position after another.
    private static void SumEachPosition(ReadOnlySpan<float> values, Span<double> sums)
    {
        var channels = values.Length / sums.Length;
        for (var position = 0; position < sums.Length; position++)
        {
            var channel = values.Slice(position * channels, channels);
            var (low, high) = (Vector256<double>.Zero, Vector256<double>.Zero);
            var blocks = MemoryMarshal.Cast<float, Vector256<float>>(channel);
            foreach (var block in blocks) (low, high) = Add(block, low, high);
            var sum = Vector256.Sum(low + high);
            foreach (var value in channel[(blocks.Length * Vector256<float>.Count)..]) sum += (double)value * value;
            sums[position] = sum;
        }
    }

    // (C, H·W): one channel after another.
    private static void SumEachChannel(ReadOnlySpan<float> values, Span<double> sums)
    {
        sums.Clear();
        var targets = MemoryMarshal.Cast<double, Vector256<double>>(sums);
        for (var start = 0; start < values.Length; start += sums.Length)
        {
            var channel = values.Slice(start, sums.Length);
            var blocks = MemoryMarshal.Cast<float, Vector256<float>>(channel);
            for (var i = 0; i < blocks.Length; i++)
                (targets[2 * i], targets[2 * i + 1]) = Add(blocks[i], targets[2 * i], targets[2 * i + 1]);
            for (var i = blocks.Length * Vector256<float>.Count; i < channel.Length; i++) sums[i] += (double)channel[i] * channel[i];
        }
    }

    private static (Vector256<double> Low, Vector256<double> High) Add(Vector256<float> block, Vector256<double> low, Vector256<double> high)
    {
        var (first, second) = Vector256.Widen(block);
        return (Vector256.FusedMultiplyAdd(first, first, low), Vector256.FusedMultiplyAdd(second, second, high));
    }

    private static void Scale(ReadOnlySpan<double> sums, Span<float> target)
    {
        var largest = 0.0;
        foreach (var sum in sums) largest = Math.Max(largest, sum);
        for (var i = 0; i < sums.Length; i++) target[i] = largest == 0 ? 0 : (float)(sums[i] / largest);
    }
}
