using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Defenses.Randomness;

/// <summary>Elementary functions of eight single-precision numbers at once (some also of sixteen), within two units in the last place.</summary>
/// <remarks>
/// Polynomials fitted by Remez's exchange. Every operation rounds by IEEE 754, and the compiler fuses no operations on its own:
/// every processor gives the same bits, so a draw is the same on every machine.
/// </remarks>
internal static class VectorMath
{
    private const float LogTwoHigh = 0.693359375f, LogTwoLow = -2.12194440e-4f;   // their sum is ln 2; the first has 9 bits
    private const int RootHalf = 0x3F3504F3, ExponentBits = -1 << 23;   // the bits of √½, and those that hold sign and exponent

    // ln(1 + t) = t − t²/2 + Log3·t³ + … + Log10·t¹⁰, sin a = a + Sin3·a³ + …, cos a = 1 − a²/2 + Cos4·a⁴ + …
    private const float Log3 = 0.333333164f, Log4 = -0.250007957f, Log5 = 0.200022832f, Log6 = -0.166249692f;
    private const float Log7 = 0.141814202f, Log8 = -0.131252959f, Log9 = 0.128792018f, Log10 = -0.0786545128f;
    private const float Sin3 = -0.166666552f, Sin5 = 0.00833218079f, Sin7 = -0.000195175933f, Cos4 = 0.0416612998f, Cos6 = -0.00136527966f;

    /// <summary>ln x for normal x &gt; 0 (about −88 for x = 0).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Log(Vector256<float> x)
    {
        var exponent = Exponent(x);
        return LogOfParts(exponent, Mantissa(x, exponent) - Vector256<float>.One);
    }

    /// <summary>ln(1 − p) for p in [0, 1], to full relative precision for small p (about −88 for p = 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> LogOneMinus(Vector256<float> p)
    {
        var rest = Vector256<float>.One - p;
        var exponent = Exponent(rest);
        var reduced = Mantissa(rest, exponent) - Vector256<float>.One;
        return LogOfParts(exponent, Vector256.ConditionalSelect(Vector256.Equals(exponent, Vector256<int>.Zero).AsSingle(), -p, reduced));
    }

    /// <summary>eˣ − 1 for x ≤ 88, to full relative precision for small x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> ExpMinusOne(Vector256<float> x)
    {
        var (power, reduced) = Reduce(x);
        return Fused(power, reduced, power - Vector256<float>.One);
    }

    /// <summary>eˣ for x ≤ 88 (e⁻⁸⁷ below −87).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Exp(Vector256<float> x)
    {
        var (power, reduced) = Reduce(x);
        return Fused(power, reduced, power);
    }

    /// <summary>sin and cos of angles in [−π/4, π/4].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (Vector256<float> Sin, Vector256<float> Cos) SinCosEighth(Vector256<float> angle)
    {
        var z = angle * angle;
        var sin = Fused(Fused(Sin7.V(), z, Sin5.V()), z, Sin3.V());
        var cos = Fused(Cos6.V(), z, Cos4.V());
        return (Fused(sin * z, angle, angle), Fused(Fused(cos, z, (-0.5f).V()), z, Vector256<float>.One));
    }

    // ln(2ᵉ(1 + t)) = e·ln 2 + t − t²/2 + t³·Q(t) for t in [√½ − 1, √2 − 1]; Q by Estrin's scheme: a tree has a shorter latency than a chain.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> LogOfParts(Vector256<int> exponent, Vector256<float> t)
    {
        var square = t * t;
        var low = Fused(Fused(Log6.V(), t, Log5.V()), square, Fused(Log4.V(), t, Log3.V()));
        var high = Fused(Fused(Log10.V(), t, Log9.V()), square, Fused(Log8.V(), t, Log7.V()));
        var q = Fused(Fused(high, square * square, low), t, (-0.5f).V());
        var e = Vector256.ConvertToSingle(exponent);
        return Fused(e, (LogTwoHigh / (1 << 23)).V(), t + Fused(square, q, e * (LogTwoLow / (1 << 23)).V()));
    }

    /// <inheritdoc cref="Log(Vector256{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Log(Vector512<float> x)
    {
        var exponent = x.AsInt32() - Vector512.Create(RootHalf) & Vector512.Create(ExponentBits);
        var t = (x.AsInt32() - exponent).AsSingle() - Vector512<float>.One;
        var square = t * t;
        var low = Fused(Fused(Log6.W(), t, Log5.W()), square, Fused(Log4.W(), t, Log3.W()));
        var high = Fused(Fused(Log10.W(), t, Log9.W()), square, Fused(Log8.W(), t, Log7.W()));
        var q = Fused(Fused(high, square * square, low), t, (-0.5f).W());
        var e = Vector512.ConvertToSingle(exponent);
        return Fused(e, (LogTwoHigh / (1 << 23)).W(), t + Fused(square, q, e * (LogTwoLow / (1 << 23)).W()));
    }

    /// <inheritdoc cref="SinCosEighth(Vector256{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (Vector512<float> Sin, Vector512<float> Cos) SinCosEighth(Vector512<float> angle)
    {
        var z = angle * angle;
        var sin = Fused(Fused(Sin7.W(), z, Sin5.W()), z, Sin3.W());
        var cos = Fused(Cos6.W(), z, Cos4.W());
        return (Fused(sin * z, angle, angle), Fused(Fused(cos, z, (-0.5f).W()), z, Vector512<float>.One));
    }

    // eˣ = 2ⁿ·(1 + R) with n = round(x / ln 2), r = x − n·ln 2, R = r + r²·Q(r)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> Power, Vector256<float> Reduced) Reduce(Vector256<float> x)
    {
        x = Vector256.MaxNative(x, (-87f).V());
        var n = Fused(x, 1.44269504f.V(), 12582912f.V()) - 12582912f.V();   // adding 1.5·2²³ rounds to an integer
        var r = Fused(n, (-LogTwoLow).V(), Fused(n, (-LogTwoHigh).V(), x));
        var square = r * r;
        var low = Fused(0.16666545f.V(), r, 0.5f.V());
        var high = Fused(0.00836645532f.V(), r, 0.0416662879f.V());
        var q = Fused(0.00139462086f.V(), square * square, Fused(high, square, low));
        var power = (Vector256<float>.One.AsInt32() + (Vector256.ConvertToInt32Native(n) << 23)).AsSingle();
        return (power, Fused(square, q, r));
    }

    // The e with x·2⁻ᵉ in [√½, √2), times 2²³: the position of the exponent bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Exponent(Vector256<float> x) => x.AsInt32() - Vector256.Create(RootHalf) & Vector256.Create(ExponentBits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Mantissa(Vector256<float> x, Vector256<int> exponent) => (x.AsInt32() - exponent).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Fused(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Vector256.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> V(this float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Fused(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Vector512.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> W(this float value) => Vector512.Create(value);
}
