using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>Builds random masks and multiplies activations by them.</summary>
internal static class Masks
{
    /// <summary>x·mask, constant in the mask. The mask must not be used again: if no gradient is recorded, the product overwrites its memory.</summary>
    internal static Tensor Apply(Tensor x, Tensor mask)
    {
        var records = x.requires_grad && is_grad_enabled();
        return records || !x.shape.AsSpan().SequenceEqual(mask.shape) ? x * mask : mask.mul_(x);
    }

    /// <summary>1/π where kept (1), 0 elsewhere (0), also for π = 0; NaN where π is NaN.</summary>
    internal static Tensor Weights(Tensor kept, Tensor probabilities) =>
        kept / probabilities.clamp_min(Tiny(probabilities));

    /// <summary>1 where a class of positive probability was drawn at least once, else 0: draws (N, r) of K classes → (N, K).</summary>
    internal static Tensor Drawn(Tensor draws, Tensor probabilities) =>
        zeros(probabilities.shape, dtype: probabilities.dtype, device: probabilities.device)
            .scatter_(1, draws, ones([1, 1], dtype: probabilities.dtype, device: probabilities.device).expand(draws.shape))
            .mul_(probabilities.gt(0));

    /// <summary>x in at least single precision, in which probabilities are computed.</summary>
    internal static Tensor Precise(Tensor x) => x.dtype == ScalarType.Float64 ? x : x.to_type(ScalarType.Float32);

    /// <summary>A small number that is not subnormal.</summary>
    internal static double Tiny(Tensor x) => x.dtype == ScalarType.Float64 ? 1e-300 : 1e-37;
}

/// <summary>Kernels that combine random numbers with a layer's input and overwrite the numbers.</summary>
internal static class MaskKernels
{
    /// <summary>x · number.</summary>
    internal static void Multiply(ReadOnlySpan<float> input, int start, Span<float> numbers)
    {
        var x = input.Slice(start, numbers.Length);
        var inputs = MemoryMarshal.Cast<float, Vector256<float>>(x);
        var outputs = MemoryMarshal.Cast<float, Vector256<float>>(numbers);
        for (var i = 0; i < inputs.Length; i++) outputs[i] *= inputs[i];
        for (var i = inputs.Length * Vector256<float>.Count; i < x.Length; i++) numbers[i] *= x[i];
    }

    /// <summary>x where the number is at least <paramref name="rate"/>, else low + span·number/rate: a number below the rate is uniform below it.</summary>
    internal static void Spike(ReadOnlySpan<float> x, Span<float> numbers, float rate, float low, float slope)
    {
        var inputs = MemoryMarshal.Cast<float, Vector256<float>>(x);
        var outputs = MemoryMarshal.Cast<float, Vector256<float>>(numbers);
        for (var i = 0; i < inputs.Length; i++)
            outputs[i] = Vector256.ConditionalSelect(
                Vector256.LessThan(outputs[i], Vector256.Create(rate)), outputs[i] * slope + Vector256.Create(low), inputs[i]);
        for (var i = inputs.Length * Vector256<float>.Count; i < x.Length; i++) numbers[i] = numbers[i] < rate ? numbers[i] * slope + low : x[i];
    }

    /// <summary>The smallest and the largest number; NaN where there is one.</summary>
    internal static (float Low, float High) Extremes(ReadOnlySpan<float> x)
    {
        var inputs = MemoryMarshal.Cast<float, Vector256<float>>(x);
        var (low, high, numbers) = (Vector256.Create(x[0]), Vector256.Create(x[0]), Vector256<float>.AllBitsSet);
        foreach (var eight in inputs)
        {
            (low, high) = (Vector256.MinNative(low, eight), Vector256.MaxNative(high, eight));   // one instruction each, that may lose NaN
            numbers &= Vector256.Equals(eight, eight);
        }
        if (numbers.AsInt32() != Vector256<int>.AllBitsSet) return (float.NaN, float.NaN);
        var (least, most) = (x[0], x[0]);
        for (var lane = 0; lane < Vector256<float>.Count; lane++) (least, most) = (Math.Min(least, low[lane]), Math.Max(most, high[lane]));
        foreach (var rest in x[(inputs.Length * Vector256<float>.Count)..]) (least, most) = (Math.Min(least, rest), Math.Max(most, rest));
        return (least, most);
    }
}
