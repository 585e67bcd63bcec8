using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Windows that take the budget of other windows, filled with two opposite bumps (Andriushchenko et al. 2020, algorithm 3).</summary>
/// <param name="run">The run.</param>
/// <param name="epsilon">The budget.</param>
/// <param name="weight">The divisor of the k-th of the nested rectangles of a bump, k ≥ 1.</param>
internal abstract class BumpSquares(AttackRun run, double epsilon, Func<long, double> weight) : SquareProposal(run, epsilon)
{
    private protected const double Tiny = 1e-10;

    // A grid of five by five tiles, each with bumps of a random sign.
    internal override Tensor Start(Tensor original)
    {
        using var scope = NewDisposeScope();
        var planes = Planes(original);
        var (height, width) = (planes.shape[2], planes.shape[3]);
        var side = Math.Max(1, Math.Min(height, width) / 5);
        var (down, across) = (height / side, width / side);
        var signs = Signs(planes.narrow(2, 0, down).narrow(3, 0, across).contiguous());
        var tiles = signs.repeat_interleave(side, 2).repeat_interleave(side, 3) * Bumps(side, side, planes).repeat(down, across);
        var delta = zeros_like(planes);
        delta.narrow(2, (height - down * side) / 2, down * side).narrow(3, (width - across * side) / 2, across * side).copy_(tiles);
        return Whole(planes, delta).view(original.shape).MoveToOuterDisposeScope();
    }

    internal override Tensor Propose(Tensor best, Tensor original, double share)
    {
        using var scope = NewDisposeScope();
        var (from, delta) = (Planes(original), Planes(best - original));
        var size = SquareWindow.Size(from, share, odd: true);
        var to = SquareWindow.Draw(from, size, Random);
        var source = SquareWindow.Draw(from, size, Random);
        var kept = to.Mask.logical_or(source.Mask).logical_not();
        var budget = Budget(delta, Masked(kept.logical_not()));
        var old = Masked(to.Mask);
        var bumps = Placed(to, delta) * Signs(OnePerPlane(delta)) + old / (Length(old) + Tiny * Bounds.Range);
        var filled = bumps / (Length(bumps) + Tiny) * budget;
        return Within(from, Masked(kept) + filled).view(best.shape).MoveToOuterDisposeScope();

        Tensor Masked(Tensor mask) => delta * mask.to_type(delta.dtype);
    }

    /// <summary>The first point of a change of any size: it uses the whole budget.</summary>
    private protected abstract Tensor Whole(Tensor from, Tensor delta);

    /// <summary>The point of a later change.</summary>
    private protected abstract Tensor Within(Tensor from, Tensor delta);

    /// <summary>The budget of the new window: its plane's share of what is unused, and the budget of both windows.</summary>
    /// <remarks>(N, C, H, W), (N, C, H, W) → (N, C, 1, 1).</remarks>
    private protected abstract Tensor Budget(Tensor delta, Tensor inWindows);

    /// <summary>The size in each plane: (N, C, H, W) → (N, C, 1, 1).</summary>
    private protected abstract Tensor Length(Tensor planes);

    /// <summary>The size of one bump, a number.</summary>
    private protected abstract Tensor Size(Tensor bump);

    // The bumps in the windows, upright or turned, and 0 elsewhere: (N, 1, H, W).
    private Tensor Placed(SquareWindow window, Tensor like)
    {
        var upright = Bumps(window.Height, window.Width, like);
        var lying = window.Height == window.Width ? upright.t() : upright;
        var patterns = cat([upright.flatten(), lying.flatten()]);
        var turned = Random.Bernoulli(0.5, zeros([like.shape[0], 1, 1, 1], dtype: like.dtype, device: like.device)).to_type(ScalarType.Int64);
        var place = window.Rows.clamp(0, window.Height - 1) * window.Width + window.Columns.clamp(0, window.Width - 1);
        var values = patterns.index_select(0, (place + turned * upright.numel()).flatten()).view([like.shape[0], 1, like.shape[2], like.shape[3]]);
        return values * window.Mask.to_type(like.dtype);
    }

    // Two adjacent bumps of opposite sign with a common length of 1: (height, width).
    private Tensor Bumps(long height, long width, Tensor like)
    {
        Tensor both = height > 1
            ? cat([Bump(height / 2, width, like), -Bump(height - height / 2, width, like)], 0)
            : width > 1 ? cat([Bump(1, width / 2, like), -Bump(1, width - width / 2, like)], 1) : Bump(1, 1, like);
        return both / Size(both);
    }

    // Nested rectangles around the middle: the value at distance d is Σ 1/(k+1)ᵖ over d ≤ k < reach.
    private Tensor Bump(long height, long width, Tensor like)
    {
        var reach = Math.Max(height, width) / 2 + 1;
        var values = new double[reach + 1];
        for (var k = reach - 1; k >= 0; k--) values[k] = values[k + 1] + 1.0 / weight(k + 1);
        var distance = maximum(FromMiddle(height, like).unsqueeze(1).expand(height, width), FromMiddle(width, like).unsqueeze(0).expand(height, width));
        var bump = tensor(values, dtype: like.dtype, device: like.device).index_select(0, distance.flatten()).view(height, width);
        return bump / Size(bump);
    }

    private static Tensor FromMiddle(long length, Tensor like) =>
        (arange(length, dtype: ScalarType.Int64, device: like.device) - length / 2).abs();
}

/// <summary>Bumps in L2, always at the full budget.</summary>
internal sealed class L2Squares(AttackRun run, double epsilon) : BumpSquares(run, epsilon, k => k * k)
{
    private protected override Tensor Whole(Tensor from, Tensor delta)
    {
        var length = delta.square().sum([1, 2, 3], keepdim: true).sqrt().clamp_min(Tiny);
        return Clip(from + delta * (Epsilon / length));
    }

    private protected override Tensor Within(Tensor from, Tensor delta) => Whole(from, delta);

    private protected override Tensor Budget(Tensor delta, Tensor inWindows)
    {
        var left = (Epsilon * Epsilon - delta.square().sum([1, 2, 3], keepdim: true)).clamp_min(0) / delta.shape[1];
        return (left + inWindows.square().sum([2, 3], keepdim: true)).sqrt();
    }

    private protected override Tensor Length(Tensor planes) => planes.square().sum([2, 3], keepdim: true).sqrt();

    private protected override Tensor Size(Tensor bump) => bump.square().sum().sqrt();
}

/// <summary>Bumps in L1, projected onto the ball and the bounds (Croce and Hein 2021, Mind the box, section 4).</summary>
/// <remarks>
/// The nested rectangles weigh 1/(k+1)⁴. A window gets the number of channels times its budget, more than there is: the projection makes the change sparse.
/// Differs: the first point uses the whole budget, so that it does not depend on the range of the bounds.
/// </remarks>
internal sealed class L1Squares(AttackRun run, double epsilon) : BumpSquares(run, epsilon, k => (double)k * k * k * k)
{
    private const double Rounding = 1e-6;

    private protected override Tensor Whole(Tensor from, Tensor delta) =>
        Within(from, delta * (Epsilon / delta.abs().sum([1, 2, 3], keepdim: true).clamp_min(Tiny)));

    private protected override Tensor Within(Tensor from, Tensor delta) =>
        Clip(L1Box.Nearest(from + delta, from, Epsilon * (1 - Rounding), Bounds));

    private protected override Tensor Budget(Tensor delta, Tensor inWindows)
    {
        var left = (Epsilon - delta.abs().sum([1, 2, 3], keepdim: true)).clamp_min(0);
        return left + Length(inWindows) * delta.shape[1];
    }

    private protected override Tensor Length(Tensor planes) => planes.abs().sum([2, 3], keepdim: true);

    private protected override Tensor Size(Tensor bump) => bump.abs().sum();
}
