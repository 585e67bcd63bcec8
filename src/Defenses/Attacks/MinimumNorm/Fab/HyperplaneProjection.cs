using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The smallest change that moves a point of the box onto a hyperplane within the box: exact, for L1, L2 and L∞.</summary>
/// <remarks>
/// Each element moves towards the hyperplane, at most to its bound. L1 moves the elements with the steepest slopes first, one after another. L2
/// moves all elements in proportion to their slopes, L∞ moves all equally, up to a common level; sorting the levels at which elements reach
/// their bounds gives that level. Where the box does not reach the hyperplane, all elements go to their bounds. Source: Croce and Hein 2020 (FAB), section 2.
/// </remarks>
internal static class HyperplaneProjection
{
    private const double Tiny = 1e-30;

    /// <summary>The change, (N, D), that solves gap + normal·change = 0.</summary>
    /// <param name="x">Points in the box, (N, D).</param>
    /// <param name="gap">The value at x, (N,).</param>
    /// <param name="normal">The slopes, (N, D).</param>
    /// <param name="norm">L1, L2 or L∞.</param>
    /// <param name="bounds">The box.</param>
    internal static Tensor Change(Tensor x, Tensor gap, Tensor normal, Norm norm, Bounds bounds)
    {
        using var scope = NewDisposeScope();
        var sign = -(normal.sign() * gap.sign().unsqueeze(1));
        var slope = normal.abs();
        var room = where(sign > 0, bounds.Upper - x, x - bounds.Lower).clamp_min_(0) * sign.abs();
        var missing = gap.abs().unsqueeze(1);
        var move = norm == Norm.L1 ? Fill(slope, room, missing)
            : norm == Norm.L2 ? ToLevel(slope, room, missing, slope)
            : ToLevel(slope, room, missing, ones_like(slope));
        return (move * sign).MoveToOuterDisposeScope();
    }

    // Moves the steepest elements first, each as far as possible.
    private static Tensor Fill(Tensor slope, Tensor room, Tensor missing)
    {
        var order = slope.argsort(1, descending: true);
        var (steepest, most) = (slope.gather(1, order), room.gather(1, order));
        var gain = steepest * most;
        var before = gain.cumsum(1) - gain;
        var move = minimum(most, (missing - before).clamp_min(0) / steepest.clamp_min(Tiny));
        return zeros_like(move).scatter_(1, order, move);
    }

    // min(level·weight, room) for each element, with the level at which the gains sum to the missing value.
    private static Tensor ToLevel(Tensor slope, Tensor room, Tensor missing, Tensor weight)
    {
        var (levels, order) = (room / weight.clamp_min(Tiny)).sort(1);   // where elements reach their bounds
        var full = PadLeft((slope * room).gather(1, order).cumsum(1));                       // gain of the elements at their bounds
        var rest = (slope * weight).gather(1, order).flip(1).cumsum(1).flip(1);              // gain per level of those below
        rest = cat([rest, zeros_like(rest.narrow(1, 0, 1))], 1);
        var size = levels.shape[1];
        var gains = full.narrow(1, 1, size) + levels * rest.narrow(1, 1, size);              // at each element's level
        var count = gains.lt(missing).to_type(ScalarType.Int64).sum(1, keepdim: true);       // the number of elements at their bounds
        var level = (missing - full.gather(1, count)).clamp_min(0) / rest.gather(1, count).clamp_min(Tiny);
        level = level.clamp_max(1 / Tiny);
        return minimum(level * weight, room);
    }

    private static Tensor PadLeft(Tensor sums) => cat([zeros_like(sums.narrow(1, 0, 1)), sums], 1);
}
