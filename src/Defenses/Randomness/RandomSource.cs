using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Randomness;

/// <summary>The only place that draws: a stream of random tensors, replayable from a seed and a draw number.</summary>
/// <remarks>
/// A source is in one of two states. <b>Fresh</b> (after construction): every example of a batch gets numbers of its own, and
/// every call goes on in the stream. <b>Replaying</b> (after <see cref="Restart"/>): the stream starts again at a numbered draw,
/// and the numbers have a batch dimension of 1, so that one draw is one network whatever the batch.
/// Numbers come from a generator of our own, so they are the same on every torch and device. A source without a seed draws
/// on a CUDA tensor's own device instead, from that device's global generator. A source belongs to one thread at a time.
/// </remarks>
public sealed class RandomSource : IDisposable
{
    private const int ChunkElements = 1 << 28;   // spans end at 2 GiB
    private readonly VectorGenerator _generator;
    private readonly bool _seeded;
    private bool _disposed;

    /// <summary>A stream from <paramref name="seed"/>, or from an unpredictable seed of the operating system.</summary>
    public RandomSource(ulong? seed = null)
    {
        _seeded = seed.HasValue;
        Seed = seed ?? Seeds.Unpredictable();
        _generator = new VectorGenerator(Seed);
    }

    /// <summary>The seed behind the stream.</summary>
    public ulong Seed { get; }

    /// <summary>Whether the source replays a numbered draw, shared by the whole batch.</summary>
    public bool IsReplaying { get; private set; }

    /// <summary>Starts draw number <paramref name="draw"/> from its beginning; from now on the batch shares its numbers.</summary>
    /// <exception cref="ObjectDisposedException">The source is closed.</exception>
    public void Restart(long draw)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _generator.Seed(Seeds.Combine(Seed, draw));
        IsReplaying = true;
    }

    /// <summary>Standard normal numbers. Shape of <paramref name="like"/> (batch dimension 1 while replaying), its dtype and device.</summary>
    public Tensor Normal(Tensor like) => Draw(like, Kind.Normal, 0);

    /// <summary>Numbers uniform on [0, 1). Shape of <paramref name="like"/> (batch dimension 1 while replaying), its dtype and device.</summary>
    public Tensor Uniform(Tensor like) => Draw(like, Kind.Uniform, 0);

    /// <summary>1 with the given probability, else 0. Shape of <paramref name="like"/> (batch dimension 1 while replaying), its dtype and device.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The probability lies outside [0, 1].</exception>
    public Tensor Bernoulli(double probability, Tensor like) =>
        Draw(like, Kind.Bernoulli, Require.Within(probability, 0, 1, nameof(probability)));

    /// <summary>1 where a uniform number is below the element's own probability, else 0. Shape (N, …) → (N, …).</summary>
    public Tensor Bernoulli(Tensor probabilities)
    {
        using var scope = NewDisposeScope();
        return Uniform(probabilities).lt(probabilities).to_type(probabilities.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Draws with replacement, per row, by inverting the cumulative sum: (N, K) probabilities that sum to 1 → (N, draws) indices, int64.
    /// While replaying, all rows use the same uniform numbers.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">draws is below 1.</exception>
    public Tensor Categorical(Tensor probabilities, long draws)
    {
        Require.AtLeast(draws, 1, nameof(draws));
        if (Require.NotNull(probabilities, nameof(probabilities)).dim() != 2)
            throw new ArgumentException($"probabilities must have shape (N, K); it has shape {Require.Shape(probabilities)}.", nameof(probabilities));
        using var scope = NewDisposeScope();
        var rows = probabilities.shape[0];
        var edges = probabilities.to_type(ScalarType.Float64).cumsum(1);
        var last = edges.narrow(1, edges.shape[1] - 1, 1);
        var uniform = Uniform(edges.narrow(1, 0, 1).expand(rows, draws)).expand(rows, draws);
        return searchsorted(edges.contiguous(), (uniform * last).contiguous(), right: true)
            .clamp_max(probabilities.shape[1] - 1).MoveToOuterDisposeScope();
    }

    /// <summary>One integer, uniform on [0, count).</summary>
    /// <exception cref="ArgumentOutOfRangeException">count is below 1.</exception>
    public long Index(long count)
    {
        Require.AtLeast(count, 1, nameof(count));
        ObjectDisposedException.ThrowIf(_disposed, this);
        return (long)Math.BigMul(_generator.Bits(), (ulong)count, out _);
    }

    /// <summary>One integer per example, uniform on [0, count): shape (N,), int64, on the CPU. While replaying, one number for all.</summary>
    public long[] Indices(long count, long examples)
    {
        var indices = new long[examples];
        if (IsReplaying) Array.Fill(indices, Index(count));
        else for (var i = 0; i < indices.Length; i++) indices[i] = Index(count);
        return indices;
    }

    /// <summary>Closes the stream: a later draw throws.</summary>
    public void Dispose() => _disposed = true;

    private enum Kind { Normal, Uniform, Bernoulli }

    private Tensor Draw(Tensor like, Kind kind, double probability)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var shape = Require.NotNull(like, nameof(like)).shape;
        if (IsReplaying && shape.Length > 0) shape[0] = 1;
        if (!_seeded && !IsReplaying && like.device_type != DeviceType.CPU) return DrawOnDevice(shape, like, kind, probability);
        var isDouble = like.dtype == ScalarType.Float64;
        var result = empty(shape, dtype: isDouble ? ScalarType.Float64 : ScalarType.Float32, device: CPU);
        if (result.numel() <= ChunkElements) Fill(result, kind, probability, isDouble);
        else FillInChunks(result, kind, probability, isDouble);
        if (like.dtype != result.dtype || like.device_type != DeviceType.CPU) result = Convert(result, like);
        return result;
    }

    private void FillInChunks(Tensor result, Kind kind, double probability, bool isDouble)
    {
        using var scope = NewDisposeScope();
        var flat = result.view(-1);
        for (long start = 0; start < flat.shape[0]; start += ChunkElements)
            Fill(flat.narrow(0, start, Math.Min(ChunkElements, flat.shape[0] - start)), kind, probability, isDouble);
    }

    private void Fill(Tensor target, Kind kind, double probability, bool isDouble)
    {
        var bytes = target.bytes;
        if (isDouble && kind != Kind.Bernoulli)
        {
            var doubles = MemoryMarshal.Cast<byte, double>(bytes);
            if (kind == Kind.Normal) _generator.Normal(doubles);
            else _generator.Uniform(doubles);
        }
        else if (isDouble) FillFlags(MemoryMarshal.Cast<byte, double>(bytes), probability);
        else FillSingle(MemoryMarshal.Cast<byte, float>(bytes), kind, probability);
    }

    private void FillSingle(Span<float> target, Kind kind, double probability)
    {
        if (kind == Kind.Normal) _generator.Normal(target);
        else if (kind == Kind.Uniform) _generator.Uniform(target);
        else _generator.Bernoulli(target, probability);
    }

    // The same flags as in single precision: a mask does not depend on the dtype.
    private void FillFlags(Span<double> target, double probability)
    {
        var flags = new float[target.Length];
        _generator.Bernoulli(flags, probability);
        for (var i = 0; i < flags.Length; i++) target[i] = flags[i];
    }

    private static Tensor Convert(Tensor drawn, Tensor like)
    {
        using (drawn) return drawn.to(like.dtype, like.device);
    }

    private static Tensor DrawOnDevice(long[] shape, Tensor like, Kind kind, double probability)
    {
        if (kind == Kind.Normal) return randn(shape, dtype: like.dtype, device: like.device);
        var uniform = rand(shape, dtype: like.dtype, device: like.device);
        if (kind == Kind.Uniform) return uniform;
        using (uniform) using (var below = uniform.lt(probability)) return below.to_type(like.dtype);
    }
}
