using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Randomness;

/// <summary>Makes tensors of random numbers in host memory, in the layout, dtype and device of another tensor.</summary>
internal static class CpuSampler
{
    private const long SpanElements = 1 << 27;   // doubles of one span stay below 2 GiB
    private const int PieceElements = 1 << 11;

    /// <summary>
    /// Numbers in the shape of <paramref name="like"/>. With <paramref name="shared"/>, the batch dimension is 1 and the order is
    /// that of the indices; without, it is that of the memory, so that a channels-last tensor gets channels-last numbers at full speed.
    /// </summary>
    internal static Tensor Draw(VectorGenerator generator, Tensor like, Distribution distribution, bool shared)
    {
        using var scope = NewDisposeScope();
        var shape = like.shape;
        if (shared && shape.Length > 0) shape[0] = 1;
        var dtype = like.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        var channelsLast = !shared && MemoryLayout.IsChannelsLast(like);
        var memory = empty(channelsLast ? [shape[0], shape[2], shape[3], shape[1]] : shape, dtype: dtype, device: CPU);
        Fill(generator, memory, distribution);
        var drawn = MemoryLayout.InIndexOrder(memory, channelsLast);
        if (like.dtype != dtype) drawn = Narrow(drawn, like.dtype, distribution);
        return drawn.to(like.device).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Fresh numbers for x, combined with x piece by piece while both are in the cache: the numbers are those of <see cref="Draw"/>.
    /// For plain tensors (<see cref="MemoryLayout.IsPlain"/>), without a graph.
    /// </summary>
    internal static Tensor Blend(VectorGenerator generator, Tensor x, Distribution distribution, NoiseTransform transform) => Combine(x, (source, target) =>
    {
        for (var start = 0; start < target.Length; start += PieceElements)
        {
            var piece = target.Slice(start, Math.Min(PieceElements, target.Length - start));
            Fill(generator, piece, distribution);
            transform(source, start, piece);
        }
    });

    /// <summary>x plus fresh normal numbers; otherwise as <see cref="Blend"/>.</summary>
    internal static Tensor AddNormal(VectorGenerator generator, Tensor x, double std) =>
        Combine(x, (source, target) => generator.AddNormal(source, target, (float)std));

    private delegate void Combining(ReadOnlySpan<float> source, Span<float> target);

    private static Tensor Combine(Tensor x, Combining combining)
    {
        using var scope = NewDisposeScope();
        var channelsLast = MemoryLayout.IsChannelsLast(x);
        var input = MemoryLayout.InMemoryOrder(x.detach(), channelsLast);
        var result = empty(input.shape, dtype: ScalarType.Float32, device: CPU);
        combining(MemoryMarshal.Cast<byte, float>(input.bytes), MemoryMarshal.Cast<byte, float>(result.bytes));
        return MemoryLayout.InIndexOrder(result, channelsLast).MoveToOuterDisposeScope();
    }

    private static void Fill(VectorGenerator generator, Tensor memory, Distribution distribution)
    {
        using var scope = NewDisposeScope();
        var flat = memory.view(-1);
        for (long start = 0; start < flat.shape[0]; start += SpanElements)
        {
            var bytes = flat.narrow(0, start, Math.Min(SpanElements, flat.shape[0] - start)).bytes;
            if (memory.dtype == ScalarType.Float64) Fill(generator, MemoryMarshal.Cast<byte, double>(bytes), distribution);
            else Fill(generator, MemoryMarshal.Cast<byte, float>(bytes), distribution);
        }
    }

    private static void Fill(VectorGenerator generator, Span<float> target, Distribution distribution)
    {
        if (distribution.Kind == Distribution.Law.Normal) generator.Normal(target, (float)distribution.Scale);
        else if (distribution.Kind == Distribution.Law.Uniform) generator.Uniform(target);
        else generator.Bernoulli(target, distribution.Probability, (float)distribution.Scale);
    }

    private static void Fill(VectorGenerator generator, Span<double> target, Distribution distribution)
    {
        if (distribution.Kind == Distribution.Law.Normal) generator.Normal(target, distribution.Scale);
        else if (distribution.Kind == Distribution.Law.Uniform) generator.Uniform(target);
        else generator.Bernoulli(target, distribution.Probability, distribution.Scale);
    }

    // Half precision rounds 1 − 2⁻²⁴ to 1. Therefore uniform numbers are rounded down to the grid of the dtype, below 1.
    private static Tensor Narrow(Tensor drawn, ScalarType dtype, Distribution distribution)
    {
        if (distribution.Kind != Distribution.Law.Uniform) return drawn.to_type(dtype);
        var steps = dtype == ScalarType.BFloat16 ? 256 : 2048;
        return (drawn * steps).floor().div_(steps).to_type(dtype);
    }
}

/// <summary>The distribution of the numbers of a tensor: standard normal, uniform on [0, 1) or 1 with a probability, each times a scale.</summary>
internal readonly record struct Distribution(Distribution.Law Kind, double Scale = 1, double Probability = 1)
{
    internal enum Law { Normal, Uniform, Bernoulli }
}

/// <summary>Replaces random numbers by the output that a layer computes from them and from its input.</summary>
/// <param name="x">The whole input, in the order of memory.</param>
/// <param name="start">The first index, in the input, of the piece that the numbers belong to.</param>
/// <param name="numbers">The random numbers of the piece; the result overwrites them.</param>
internal delegate void NoiseTransform(ReadOnlySpan<float> x, int start, Span<float> numbers);
