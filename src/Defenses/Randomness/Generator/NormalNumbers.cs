using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Defenses.Randomness;

/// <summary>Adds normal numbers to memory in one pass: Box and Muller's transform (1958), sixteen lanes at a time where the
/// processor supports it, otherwise eight.</summary>
/// <remarks>Both widths perform the same operations in the same order, each rounded by IEEE 754: they give the same bits.</remarks>
internal static unsafe class NormalNumbers
{
    private const int Block = 16;      // numbers of one step of eight lanes
    private const int Ahead = 1024;    // numbers; the hardware prefetcher stops at each page end
    private const float Unit24 = 1f / (1 << 24), AngleUnit = MathF.PI / 4 / (1u << 31);
    private const uint Sign = 0x80000000u;

    /// <summary>target = x + std·numbers. Both may be the same memory. Always consumes whole steps of the generator.</summary>
    internal static void Add(ref Xoshiro random, ReadOnlySpan<float> x, Span<float> target, float std, bool wide)
    {
        var state = random;
        var (whole, done) = (target.Length & -Block, 0);
        fixed (float* from = x, to = target)
        {
            if (wide) done = AddWide(ref state, from, to, whole, std);
            AddNarrow(ref state, from + done, to + done, whole - done, std);
        }
        random = state;
        if (whole == target.Length) return;
        Span<float> tail = stackalloc float[Block];
        x[whole..target.Length].CopyTo(tail);
        Add(ref random, tail, tail, std, false);
        tail[..(target.Length - whole)].CopyTo(target[whole..]);
    }

    // Two steps at once; returns how many numbers it added.
    private static int AddWide(ref Xoshiro random, float* x, float* y, int count, float std)
    {
        var state = random;
        var done = 0;
        for (; done + 2 * Block <= count; done += 2 * Block, x += 2 * Block, y += 2 * Block)
        {
            Prefetch(x, y);
            Prefetch(x + Block, y + Block);
            var (a, b) = (state.Next().AsUInt32(), state.Next().AsUInt32());
            var (c, d) = (state.Next().AsUInt32(), state.Next().AsUInt32());
            var (first, second) = Pair(Vector512.Create(a, c), Vector512.Create(b, d), Vector512.Create(std));
            (Vector256.Load(x) + first.GetLower()).Store(y);
            (Vector256.Load(x + 8) + second.GetLower()).Store(y + 8);
            (Vector256.Load(x + 16) + first.GetUpper()).Store(y + 16);
            (Vector256.Load(x + 24) + second.GetUpper()).Store(y + 24);
        }
        random = state;
        return done;
    }

    private static void AddNarrow(ref Xoshiro random, float* x, float* y, int count, float std)
    {
        var state = random;
        for (var end = x + count; x < end; x += Block, y += Block)
        {
            Prefetch(x, y);
            var (first, second) = Pair(state.Next().AsUInt32(), state.Next().AsUInt32(), Vector256.Create(std));
            (Vector256.Load(x) + first).Store(y);
            (Vector256.Load(x + 8) + second).Store(y + 8);
        }
        random = state;
    }

    // A prefetch hint: the address may lie beyond the end; nothing is read there.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* x, float* y)
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch0(x + Ahead);
        Sse.Prefetch0(y + Ahead);
    }

    // Two independent normal vectors: a radius, an angle within an eighth turn, and three bits for the octant.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float>, Vector256<float>) Pair(Vector256<uint> a, Vector256<uint> bits, Vector256<float> std)
    {
        var rest = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle((a >>> 8).AsInt32()), Vector256.Create(-Unit24), Vector256<float>.One);   // (0, 1]
        var radius = std * Vector256.Sqrt(Vector256.Create(-2f) * VectorMath.Log(rest));
        var (sin, cos) = VectorMath.SinCosEighth(Vector256.ConvertToSingle((bits << 8).AsInt32()) * Vector256.Create(AngleUnit));   // the lower 24 bits
        var swap = (bits.AsInt32() << 2 >> 31).AsSingle();
        var first = radius * Vector256.ConditionalSelect(swap, sin, cos);
        var second = radius * Vector256.ConditionalSelect(swap, cos, sin);
        var sign = Vector256.Create(Sign);
        return ((first.AsUInt32() ^ (bits & sign)).AsSingle(), (second.AsUInt32() ^ (bits << 1 & sign)).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float>, Vector512<float>) Pair(Vector512<uint> a, Vector512<uint> bits, Vector512<float> std)
    {
        var rest = Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle((a >>> 8).AsInt32()), Vector512.Create(-Unit24), Vector512<float>.One);
        var radius = std * Vector512.Sqrt(Vector512.Create(-2f) * VectorMath.Log(rest));
        var (sin, cos) = VectorMath.SinCosEighth(Vector512.ConvertToSingle((bits << 8).AsInt32()) * Vector512.Create(AngleUnit));
        var swap = (bits.AsInt32() << 2 >> 31).AsSingle();
        var first = radius * Vector512.ConditionalSelect(swap, sin, cos);
        var second = radius * Vector512.ConditionalSelect(swap, cos, sin);
        var sign = Vector512.Create(Sign);
        return ((first.AsUInt32() ^ (bits & sign)).AsSingle(), (second.AsUInt32() ^ (bits << 1 & sign)).AsSingle());
    }
}
