using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Defenses.Randomness;

/// <summary>
/// Eight interleaved xoshiro256++ generators (Blackman and Vigna 2021), one per 64-bit lane, seeded by SplitMix64.
/// </summary>
/// <remarks>
/// The numbers depend on the seed and on nothing else: not on torch, its version, the device or the number of threads.
/// Every fill starts at a fresh vector, so equal calls consume equal parts of the stream.
/// </remarks>
internal sealed class VectorGenerator
{
    private const int Lanes = 8;
    private Vector512<ulong> _a, _b, _c, _d;

    internal VectorGenerator(ulong seed) => Seed(seed);

    internal void Seed(ulong seed)
    {
        Span<ulong> state = stackalloc ulong[4 * Lanes];
        for (var i = 0; i < state.Length; i++) state[i] = Seeds.Mix(seed += 0x9E3779B97F4A7C15UL);
        var vectors = MemoryMarshal.Cast<ulong, Vector512<ulong>>(state);
        (_a, _b, _c, _d) = (vectors[0], vectors[1], vectors[2], vectors[3]);
    }

    /// <summary>64 random bits.</summary>
    internal ulong Bits() => Next()[0];

    /// <summary>Uniform on [0, 1), multiples of 2⁻²⁴.</summary>
    internal void Uniform(Span<float> target)
    {
        var blocks = Blocks(target, out var tail);
        for (var i = 0; i < blocks.Length; i++) blocks[i] = Unit(Next());
        if (tail.Length > 0) CopyHead(Unit(Next()), tail);
    }

    /// <summary>Uniform on [0, 1), multiples of 2⁻⁵³.</summary>
    internal void Uniform(Span<double> target)
    {
        var blocks = Blocks(target, out var tail);
        for (var i = 0; i < blocks.Length; i++) blocks[i] = UnitDouble(Next());
        if (tail.Length > 0) CopyHead(UnitDouble(Next()), tail);
    }

    /// <summary>1 with the given probability (resolution 2⁻³²), else 0.</summary>
    internal void Bernoulli(Span<float> target, double probability)
    {
        if (probability >= 1) { target.Fill(1); return; }
        var threshold = Vector512.Create((uint)Math.Round(probability * 4294967296.0));
        var blocks = Blocks(target, out var tail);
        for (var i = 0; i < blocks.Length; i++) blocks[i] = Flags(Next().AsUInt32(), threshold);
        if (tail.Length > 0) CopyHead(Flags(Next().AsUInt32(), threshold), tail);
    }

    /// <summary>Standard normal by Box and Muller's transform of uniforms on (0, 1] and [0, 1).</summary>
    internal void Normal(Span<float> target)
    {
        var blocks = MemoryMarshal.Cast<float, Vector512<float>>(target);
        var i = 0;
        for (; i + 1 < blocks.Length; i += 2) (blocks[i], blocks[i + 1]) = Gauss();
        var rest = target[(i * Vector512<float>.Count)..];
        if (rest.Length == 0) return;
        var (first, second) = Gauss();
        Span<float> last = stackalloc float[2 * Vector512<float>.Count];
        first.CopyTo(last);
        second.CopyTo(last[Vector512<float>.Count..]);
        last[..rest.Length].CopyTo(rest);
    }

    /// <summary>Standard normal in double precision.</summary>
    internal void Normal(Span<double> target)
    {
        for (var i = 0; i < target.Length; i += 2 * Lanes)
        {
            var radius = Vector512.Sqrt(-2.0 * Vector512.Log(Vector512<double>.One - UnitDouble(Next())));
            var (sin, cos) = Vector512.SinCos(2 * Math.PI * UnitDouble(Next()));
            var rest = target[i..];
            CopyHead(radius * cos, rest[..Math.Min(Lanes, rest.Length)]);
            if (rest.Length > Lanes) CopyHead(radius * sin, rest[Lanes..Math.Min(2 * Lanes, rest.Length)]);
        }
    }

    private (Vector512<float>, Vector512<float>) Gauss()
    {
        var radius = Vector512.Sqrt(-2f * Vector512.Log(Vector512<float>.One - Unit(Next())));
        var (sin, cos) = Vector512.SinCos(2 * MathF.PI * Unit(Next()));
        return (radius * cos, radius * sin);
    }

    private Vector512<ulong> Next()
    {
        var sum = _a + _d;
        var result = Rotate(sum, 23) + _a;
        var shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = Rotate(_d, 45);
        return result;
    }

    private static Vector512<ulong> Rotate(Vector512<ulong> x, int bits) => (x << bits) | (x >>> (64 - bits));

    private static Vector512<float> Unit(Vector512<ulong> bits) =>
        Vector512.ConvertToSingle((bits.AsUInt32() >>> 8).AsInt32()) * (1f / 16777216f);

    private static Vector512<double> UnitDouble(Vector512<ulong> bits) =>
        Vector512.ConvertToDouble((bits >>> 11).AsInt64()) * (1.0 / 9007199254740992.0);

    private static Vector512<float> Flags(Vector512<uint> bits, Vector512<uint> threshold) =>
        Vector512.ConditionalSelect(Vector512.LessThan(bits, threshold).AsSingle(), Vector512<float>.One, Vector512<float>.Zero);

    private static Span<Vector512<T>> Blocks<T>(Span<T> target, out Span<T> tail) where T : unmanaged
    {
        var blocks = MemoryMarshal.Cast<T, Vector512<T>>(target);
        tail = target[(blocks.Length * Vector512<T>.Count)..];
        return blocks;
    }

    private static void CopyHead<T>(Vector512<T> vector, Span<T> target) where T : unmanaged
    {
        Span<T> all = stackalloc T[Vector512<T>.Count];
        vector.CopyTo(all);
        all[..target.Length].CopyTo(target);
    }
}
