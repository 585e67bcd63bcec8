using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Randomness;

/// <summary>A stream of random tensors, replayable from a seed and a draw number. All random numbers come from this class.</summary>
/// <remarks>
/// A source is in one of two states. <b>Fresh</b> (after construction): every example of a batch gets its own numbers, and
/// every call continues the stream. <b>Replaying</b> (after <see cref="Restart"/>): the stream restarts at a numbered draw,
/// and the numbers have a batch dimension of 1, so that one draw is one network whatever the batch.
/// Numbers come from the library's own generator, so they are the same with every version of torch, processor, device and dtype (a uniform number
/// is rounded down where a dtype has fewer digits). Replayed numbers are drawn in the order of the indices, fresh numbers in the memory order of the tensor
/// that they belong to. A source without a seed draws fresh numbers for a CUDA tensor on its device, from that device's global generator.
/// A source belongs to one thread at a time.
/// </remarks>
public sealed class RandomSource : IDisposable
{
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

    /// <summary>Restarts at draw number <paramref name="draw"/>; from now on the whole batch shares its numbers.</summary>
    /// <exception cref="ObjectDisposedException">The source is closed.</exception>
    public void Restart(long draw)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _generator.Seed(Seeds.Combine(Seed, draw));
        IsReplaying = true;
    }

    /// <summary>Normal numbers of mean 0. Shape of <paramref name="like"/> (batch dimension 1 while replaying), its dtype and device.</summary>
    /// <param name="like">A floating point tensor (N, …).</param>
    /// <param name="std">Their standard deviation, 0 or above; 1 by default.</param>
    public Tensor Normal(Tensor like, double std = 1) => Draw(like, new(Distribution.Law.Normal, Require.NotNegative(std, nameof(std))));

    /// <summary>Numbers uniform on [0, 1). Shape of <paramref name="like"/> (batch dimension 1 while replaying), its dtype and device.</summary>
    public Tensor Uniform(Tensor like) => Draw(like, new(Distribution.Law.Uniform));

    /// <summary>One number uniform on [0, 1), the same for the whole batch.</summary>
    public double Uniform()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return (_generator.Bits() >> 11) * (1.0 / (1L << 53));
    }

    /// <summary><paramref name="value"/> with the given probability, else 0. Shape of <paramref name="like"/> (batch dimension 1 while
    /// replaying), its dtype and device.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The probability lies outside [0, 1].</exception>
    public Tensor Bernoulli(double probability, Tensor like, double value = 1) =>
        Draw(like, new(Distribution.Law.Bernoulli, value, Require.Within(probability, 0, 1, nameof(probability))));

    /// <summary>1 where a uniform number is below the element's own probability, else 0. Shape (N, …) → (N, …).</summary>
    public Tensor Bernoulli(Tensor probabilities)
    {
        using var scope = NewDisposeScope();
        return Uniform(probabilities).lt(probabilities).to_type(probabilities.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Draws with replacement, separately for each row, by inverting the cumulative sum: (N, K) probabilities that sum to 1 → (N, draws) indices, int64.
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

    /// <summary>
    /// Fresh numbers for x, combined with x in one pass over memory; null where this is not possible: while replaying, on other devices or
    /// dtypes, or where a gradient has to be recorded. The numbers are the same in both cases.
    /// </summary>
    internal Tensor? Blend(Tensor x, Distribution distribution, NoiseTransform transform) =>
        CanBlend(x) ? CpuSampler.Blend(_generator, x, distribution, transform) : null;

    /// <summary>x plus fresh normal numbers, in one pass over memory; null where <see cref="Blend"/> gives null.</summary>
    internal Tensor? AddNormal(Tensor x, double std) => CanBlend(x) ? CpuSampler.AddNormal(_generator, x, std) : null;

    private bool CanBlend(Tensor x)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return !IsReplaying && MemoryLayout.IsPlain(x) && !(x.requires_grad && is_grad_enabled());
    }

    private Tensor Draw(Tensor like, Distribution distribution)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Require.FloatingPoint(like, nameof(like));
        return !_seeded && !IsReplaying && like.device_type != DeviceType.CPU
            ? DrawOnDevice(like, distribution)
            : CpuSampler.Draw(_generator, like, distribution, IsReplaying);
    }

    private static Tensor DrawOnDevice(Tensor like, Distribution distribution)
    {
        using var scope = NewDisposeScope();
        var drawn = distribution.Kind == Distribution.Law.Normal
            ? randn(like.shape, dtype: like.dtype, device: like.device)
            : rand(like.shape, dtype: like.dtype, device: like.device);
        if (distribution.Kind == Distribution.Law.Bernoulli) drawn = drawn.lt(distribution.Probability).to_type(like.dtype);
        return (distribution.Scale == 1 ? drawn : drawn.mul_(distribution.Scale)).MoveToOuterDisposeScope();
    }
}
