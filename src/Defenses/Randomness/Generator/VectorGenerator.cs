using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Defenses.Randomness;

/// <summary>Fills memory with random numbers, eight or sixteen at a time.</summary>
/// <remarks>
/// The numbers depend only on the seed: not on torch, the processor, the device or the number of threads. Every
/// fill starts at a fresh vector, so equal calls consume equal parts of the stream, and a double-precision fill consumes as much
/// as the single-precision fill and gives the same numbers (uniform numbers have eight more bits).
/// </remarks>
internal sealed class VectorGenerator
{
    private const float Unit24 = 1f / (1 << 24);
    private const int BufferLength = 1024;
    private Xoshiro _state;

    internal VectorGenerator(ulong seed) => Seed(seed);

    internal void Seed(ulong seed) => _state = new Xoshiro(seed);

    /// <summary>64 random bits.</summary>
    internal ulong Bits() => _state.Next()[0];

    /// <summary>Uniform on [0, 1), multiples of 2⁻²⁴.</summary>
    internal void Uniform(Span<float> target)
    {
        var state = _state;
        foreach (ref var block in Blocks(target)) block = Unit(state.Next());
        if (Tail(target) is { Length: > 0 } tail) CopyHead(Unit(state.Next()), tail);
        _state = state;
    }

    /// <summary>Uniform on [0, 1), multiples of 2⁻³²; rounded down to 2⁻²⁴ they are the single-precision numbers.</summary>
    internal void Uniform(Span<double> target)
    {
        var state = _state;
        Span<double> eight = stackalloc double[Vector256<float>.Count];
        var pair = Blocks(eight);
        for (var rest = target; rest.Length > 0; rest = rest[Math.Min(eight.Length, rest.Length)..])
        {
            var (low, high) = Vector256.Widen(state.Next().AsUInt32());
            pair[0] = Vector256.ConvertToDouble(low) * (1 / 4294967296.0);
            pair[1] = Vector256.ConvertToDouble(high) * (1 / 4294967296.0);
            eight[..Math.Min(eight.Length, rest.Length)].CopyTo(rest);
        }
        _state = state;
    }

    /// <summary><paramref name="value"/> with the given probability (to 2⁻³²), else 0.</summary>
    internal void Bernoulli(Span<float> target, double probability, float value = 1)
    {
        if (probability >= 1 - 1d / (1L << 33)) { target.Fill(value); return; }
        var threshold = Vector256.Create((uint)Math.Round(probability * 4294967296.0));
        var one = Vector256.Create(value);
        var state = _state;
        foreach (ref var block in Blocks(target)) block = Flags(state.Next(), threshold, one);
        if (Tail(target) is { Length: > 0 } tail) CopyHead(Flags(state.Next(), threshold, one), tail);
        _state = state;
    }

    /// <summary>Normal numbers of mean 0 and the given standard deviation, by Box and Muller's transform (1958).</summary>
    internal void Normal(Span<float> target, float std = 1)
    {
        for (var rest = target; rest.Length > 0; rest = rest[Math.Min(BufferLength, rest.Length)..])
        {
            var piece = rest[..Math.Min(BufferLength, rest.Length)];
            piece.Clear();
            AddNormal(piece, piece, std);
        }
    }

    /// <summary>target = x + the numbers of <see cref="Normal(Span{float}, float)"/>, in one pass over memory.</summary>
    internal void AddNormal(ReadOnlySpan<float> x, Span<float> target, float std) =>
        NormalNumbers.Add(ref _state, x, target, std, wide: Avx512F.IsSupported);

    /// <inheritdoc cref="Bernoulli(Span{float}, double, float)"/>
    internal void Bernoulli(Span<double> target, double probability, double value = 1) =>
        Widen(target, value, part => Bernoulli(part, probability));

    /// <inheritdoc cref="Normal(Span{float}, float)"/>
    internal void Normal(Span<double> target, double std = 1) => Widen(target, std, part => Normal(part));

    private delegate void Filler(Span<float> part);

    private static void Widen(Span<double> target, double scale, Filler fill)
    {
        Span<float> buffer = stackalloc float[BufferLength];
        for (var rest = target; rest.Length > 0; rest = rest[Math.Min(BufferLength, rest.Length)..])
        {
            var part = buffer[..Math.Min(BufferLength, rest.Length)];
            fill(part);
            for (var i = 0; i < part.Length; i++) rest[i] = scale * part[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Unit(Vector256<ulong> bits) =>
        Whole(bits.AsUInt32() >>> 8) * Vector256.Create(Unit24);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Whole(Vector256<uint> bits) => Vector256.ConvertToSingle(bits.AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Flags(Vector256<ulong> bits, Vector256<uint> threshold, Vector256<float> value) =>
        Vector256.LessThan(bits.AsUInt32(), threshold).AsSingle() & value;

    private static Span<Vector256<T>> Blocks<T>(Span<T> target) where T : unmanaged => MemoryMarshal.Cast<T, Vector256<T>>(target);

    private static Span<T> Tail<T>(Span<T> target) where T : unmanaged => target[(target.Length & -Vector256<T>.Count)..];

    private static void CopyHead<T>(Vector256<T> vector, Span<T> target) where T : unmanaged
    {
        Span<T> all = stackalloc T[Vector256<T>.Count];
        vector.CopyTo(all);
        all[..target.Length].CopyTo(target);
    }
}

/// <summary>The state of four interleaved xoshiro256++ generators (Blackman and Vigna 2021), one per 64-bit lane.</summary>
/// <remarks>A value type: a loop copies it into a local variable, which stays in registers, and writes it back at the end.</remarks>
internal struct Xoshiro
{
    private const int Lanes = 4;
    private Vector256<ulong> _a, _b, _c, _d;

    /// <summary>Fills the state from a seed by SplitMix64 (Steele, Lea, Flood 2014).</summary>
    internal Xoshiro(ulong seed)
    {
        Span<ulong> state = stackalloc ulong[4 * Lanes];
        for (var i = 0; i < state.Length; i++) state[i] = Seeds.Mix(seed += 0x9E3779B97F4A7C15UL);
        var vectors = MemoryMarshal.Cast<ulong, Vector256<ulong>>(state);
        (_a, _b, _c, _d) = (vectors[0], vectors[1], vectors[2], vectors[3]);
    }

    /// <summary>256 random bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Vector256<ulong> Next()
    {
        var result = Rotate(_a + _d, 23) + _a;
        var shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = Rotate(_d, 45);
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Rotate(Vector256<ulong> x, [ConstantExpected] byte bits) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.RotateLeft(x, bits) : (x << bits) | (x >>> (64 - bits));
}
