using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Defenses.Randomness;

namespace Defenses.Layers;

/// <summary>For one row of ½ ln α and a given m: the roots w of w(1 − 1/c) + ln(1 − e⁻²ʷ) = ½ ln α + m, and p = 1 − e^(−2w/c).</summary>
/// <remarks>
/// Newton's method from asinh(½·e^(½ ln α + m)), which lies below the root, where the left side is concave. After a small change of m
/// the iteration starts from the last w. Each step is a separate pass over the row: the CPU then works on many units at once instead of
/// waiting for every step of a long formula.
/// </remarks>
internal sealed class MvmRoots
{
    private const float Nothing = -80;   // ½ ln α + m of a unit without weight
    private readonly Vector256<float>[] _halfLog, _level, _w, _kept, _p;
    private readonly float _draws;
    private readonly int _steps;
    private float _m;

    internal MvmRoots(int units, double draws)
    {
        Vector256<float>[] Row() => new Vector256<float>[(units + Vector256<float>.Count - 1) / Vector256<float>.Count];
        (_halfLog, _level, _w, _kept, _p) = (Row(), Row(), Row(), Row(), Row());
        (_draws, _steps) = ((float)draws, draws < 64 ? 3 : 2);   // the error of the start is at most 1/c
    }

    /// <summary>½ ln α, to be filled by the caller; float.MinValue where α counts as 0, and beyond the units.</summary>
    internal Span<Vector256<float>> HalfLogs => _halfLog;

    /// <summary>p of the last evaluation.</summary>
    internal ReadOnlySpan<float> Probabilities => MemoryMarshal.Cast<Vector256<float>, float>(_p.AsSpan());

    /// <summary>Forgets the last row.</summary>
    internal void Begin() => _m = float.NaN;

    /// <summary>Finds the probabilities at m; returns their sum and its slope.</summary>
    internal (double Sum, double Slope) Evaluate(float m)
    {
        var change = m - _m;
        var steps = _steps;
        if (_draws >= 2 && Math.Abs(change) <= 0.5f)
        {
            Follow(m, change);
            steps = Math.Abs(change) > 0.1f ? 2 : 1;
        }
        else Start(m);
        for (var step = 0; step < steps; step++) Approach();
        _m = m;
        return Finish();
    }

    // Along the tangent of w(m), which lies below it.
    private void Follow(float m, float change)
    {
        var (levels, roots, halfLogs, kept) = (_level, _w, _halfLog, _kept);
        var inverse = 1 / _draws;
        for (var i = 0; i < halfLogs.Length; i++)
        {
            levels[i] = Level(halfLogs[i], m);
            roots[i] += change * kept[i] / (Vector256.Create(2f) - kept[i] - kept[i] * inverse);
        }
    }

    // w = asinh(½·eˡ) of each level l, from below.
    private void Start(float m)
    {
        var (levels, roots, halfLogs) = (_level, _w, _halfLog);
        for (var i = 0; i < halfLogs.Length; i++)
        {
            levels[i] = Level(halfLogs[i], m);
            var z = VectorMath.Exp(levels[i]) * 0.5f;
            roots[i] = Vector256.ConditionalSelect(
                Vector256.LessThan(z, Vector256.Create(0.25f)), z - z * z * z * (1 / 6f), VectorMath.Log(z + Vector256.Sqrt(z * z + Vector256<float>.One)));
        }
    }

    // One step of Newton's method on w(1 − 1/c) + ln(1 − e⁻²ʷ) = level.
    private void Approach()
    {
        var (levels, roots, kept) = (_level, _w, _kept);
        var (inverse, rest) = (1 / _draws, 1 - 1 / _draws);
        for (var i = 0; i < roots.Length; i++)
        {
            kept[i] = -VectorMath.ExpMinusOne(roots[i] * -2f);   // 1 − e⁻²ʷ = π
            var error = roots[i] * rest + VectorMath.Log(kept[i]) - levels[i];
            roots[i] -= error * kept[i] / (Vector256.Create(2f) - kept[i] - kept[i] * inverse);
        }
    }

    private (double Sum, double Slope) Finish()
    {
        var (roots, kept, probabilities) = (_w, _kept, _p);
        var (sum, slope) = (Vector256<float>.Zero, Vector256<float>.Zero);
        for (var i = 0; i < roots.Length; i++)
        {
            var p = -VectorMath.ExpMinusOne(roots[i] * (-2 / _draws));
            probabilities[i] = p;
            sum += p;
            slope += (Vector256<float>.One - p) * kept[i] / (_draws * (Vector256.Create(2f) - kept[i]) - kept[i]);   // ½ dp/dm
        }
        return (Vector256.Sum(sum), 2 * Vector256.Sum(slope));
    }

    private static Vector256<float> Level(Vector256<float> halfLog, float m) =>
        Vector256.ClampNative(halfLog + Vector256.Create(m), Vector256.Create(Nothing), Vector256.Create(-Nothing));
}
