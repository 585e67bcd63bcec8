using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Defenses.Layers;

/// <summary>What layers make of random numbers and their input, in place of the numbers.</summary>
internal static class Blend
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
