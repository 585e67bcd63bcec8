using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Defenses.Randomness;

/// <summary>The state of four interleaved xoshiro256++ generators (Blackman and Vigna 2021), one per 64-bit lane.</summary>
/// <remarks>A value: a loop that copies it into a local keeps it in registers, and writes it back at the end.</remarks>
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
