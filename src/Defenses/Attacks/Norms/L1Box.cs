using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The intersection of an L1 ball and the bounds.</summary>
internal static class L1Box
{
    /// <summary>The nearest point (in L2) of the intersection, exactly: (N, …) → (N, …).</summary>
    /// <remarks>
    /// Each change shrinks by a common λ, to no less than 0, and is cut at its bound: sign(u)·clamp(|u| − λ, 0, room). Its size
    /// is piecewise linear in λ, with a corner where an element reaches 0 or leaves its bound; λ follows from the corners in order.
    /// Source: Croce and Hein 2021 (Mind the box), proposition 2.1.
    /// </remarks>
    /// <param name="point">The point to project.</param>
    /// <param name="original">The center of the ball, within the bounds.</param>
    /// <param name="radius">The radius of the ball.</param>
    /// <param name="bounds">The box.</param>
    internal static Tensor Nearest(Tensor point, Tensor original, double radius, Bounds bounds)
    {
        using var radii = full([point.shape[0]], radius, dtype: point.dtype, device: point.device);
        return Nearest(point, original, radii, bounds);
    }

    /// <summary>The same with a radius for each example, (N,).</summary>
    internal static Tensor Nearest(Tensor point, Tensor original, Tensor radii, Bounds bounds)
    {
        using var scope = NewDisposeScope();
        var radius = radii.unsqueeze(1);
        var (middle, change) = (original.flatten(1), (point - original).flatten(1));
        var size = change.abs();
        var room = where(change > 0, bounds.Upper - middle, middle - bounds.Lower).clamp_min_(0);
        var within = minimum(size, room);
        var fits = within.sum(1, keepdim: true) <= radius;
        var shrunk = minimum((size - Threshold(size, room, radius)).clamp_min_(0), room);
        shrunk = shrunk * (radius / shrunk.sum(1, keepdim: true).clamp_min(1e-30)).clamp_max(1);   // against rounding
        var moved = middle + change.sign() * where(fits, within, shrunk);
        return moved.clamp_(bounds.Lower, bounds.Upper).view(point.shape).MoveToOuterDisposeScope();
    }

    // λ at which the shrunk and cut sizes add up to the radius, (N, 1); any number where the whole change is within the radius.
    private static Tensor Threshold(Tensor size, Tensor room, Tensor radius)
    {
        var count = size.shape[1];
        var (corners, order) = cat([size, (size - room).clamp_min(0)], 1).sort(1, descending: true);
        var rate = where(order < count, ones_like(corners), -ones_like(corners)).cumsum(1);   // elements that grow below each corner
        var growth = rate.narrow(1, 0, 2 * count - 1) * (corners.narrow(1, 0, 2 * count - 1) - corners.narrow(1, 1, 2 * count - 1));
        var total = cat([zeros_like(corners.narrow(1, 0, 1)), growth.cumsum(1)], 1);          // the size at each corner
        var last = total.lt(radius).to_type(ScalarType.Int64).sum(1, keepdim: true).sub_(1).clamp_min_(0);
        return corners.gather(1, last) - (radius - total.gather(1, last)) / rate.gather(1, last).clamp_min(1);
    }
}
