using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The first points and the candidates of the Square attack.</summary>
internal abstract class SquareProposal(AttackRun run, double epsilon)
{
    /// <summary>The budget.</summary>
    private protected double Epsilon { get; } = epsilon;

    /// <summary>The source of random numbers.</summary>
    private protected RandomSource Random { get; } = run.Random;

    private readonly AttackRun _run = run;

    /// <summary>The range of the bounds.</summary>
    private protected double Range => _run.Model.Bounds.Range;

    /// <summary>The first point of each example: (N, …) → (N, …).</summary>
    internal abstract Tensor Start(Tensor original);

    /// <summary>A candidate made from the best point: (N, …), (N, …) → (N, …).</summary>
    /// <param name="best">The best points.</param>
    /// <param name="original">The originals.</param>
    /// <param name="share">The share of the elements that a window covers.</param>
    internal abstract Tensor Propose(Tensor best, Tensor original, double share);

    /// <summary>A batch as images of planes: (N, C, H, W); (N, H, W) is one plane, any other shape is a plane of one row.</summary>
    private protected static Tensor Planes(Tensor x) => x.dim() switch
    {
        4 => x.alias(),
        3 => x.unsqueeze(1),
        _ => x.flatten(1).unsqueeze(1).unsqueeze(1),
    };

    /// <summary>+1 or −1 at random, in the shape of a tensor.</summary>
    private protected Tensor Signs(Tensor like) => Random.Bernoulli(0.5, like, 2).sub_(1);

    /// <summary>One element of each plane: (N, C, H, W) → (N, C, 1, 1).</summary>
    private protected static Tensor OnePerPlane(Tensor planes) => planes.narrow(2, 0, 1).narrow(3, 0, 1).contiguous();

    private protected Tensor Clip(Tensor x) => _run.Clip(x);
}

/// <summary>Windows in which each plane moves to +ε or −ε (Andriushchenko et al. 2020, algorithm 2).</summary>
internal sealed class LinfSquares(AttackRun run, double epsilon) : SquareProposal(run, epsilon)
{
    // Vertical stripes, one element wide.
    internal override Tensor Start(Tensor original)
    {
        using var scope = NewDisposeScope();
        var planes = Planes(original);
        var stripes = Signs(planes.narrow(2, 0, 1).contiguous());   // (N, C, 1, W)
        return Clip(planes + stripes * Epsilon).view(original.shape).MoveToOuterDisposeScope();
    }

    internal override Tensor Propose(Tensor best, Tensor original, double share)
    {
        using var scope = NewDisposeScope();
        var (now, from) = (Planes(best), Planes(original));
        var window = SquareWindow.Draw(now, SquareWindow.Size(now, share, odd: false), Random);
        var change = Signs(OnePerPlane(now)) * Epsilon;   // (N, C, 1, 1)
        var candidate = where(window.Mask, Clip(from + change), now);
        var same = Norm.PerExample(candidate.eq(now).flatten(1).all(1), now);
        candidate = where(same.logical_and(window.Mask), Clip(from - change), candidate);
        return candidate.view(best.shape).MoveToOuterDisposeScope();
    }
}

/// <summary>Windows that take the budget of other windows, filled with two opposite bumps (Andriushchenko et al. 2020, algorithm 3).</summary>
internal sealed class L2Squares(AttackRun run, double epsilon) : SquareProposal(run, epsilon)
{
    private const double Tiny = 1e-10;

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
        return OnSphere(planes, delta).view(original.shape).MoveToOuterDisposeScope();
    }

    internal override Tensor Propose(Tensor best, Tensor original, double share)
    {
        using var scope = NewDisposeScope();
        var (from, delta) = (Planes(original), Planes(best - original));
        var size = SquareWindow.Size(from, share, odd: true);
        var to = SquareWindow.Draw(from, size, Random);
        var source = SquareWindow.Draw(from, size, Random);
        var kept = to.Mask.logical_or(source.Mask).logical_not();
        // The budget of the new window: its plane's share of the unused part of ε², and the budget of both windows.
        var left = (Epsilon * Epsilon - delta.square().sum([1, 2, 3], keepdim: true)).clamp_min(0) / delta.shape[1];
        var budget = (left + Masked(kept.logical_not()).square().sum([2, 3], keepdim: true)).sqrt();
        var old = Masked(to.Mask);
        var bumps = Placed(to, delta) * Signs(OnePerPlane(delta)) + old / (Length(old) + Tiny * Range);
        var filled = bumps / (Length(bumps) + Tiny) * budget;
        return OnSphere(from, Masked(kept) + filled).view(best.shape).MoveToOuterDisposeScope();

        Tensor Masked(Tensor mask) => delta * mask.to_type(delta.dtype);
    }

    private Tensor OnSphere(Tensor from, Tensor delta)
    {
        var length = delta.square().sum([1, 2, 3], keepdim: true).sqrt().clamp_min(Tiny);
        return Clip(from + delta * (Epsilon / length));
    }

    // The length in each plane: (N, C, H, W) → (N, C, 1, 1).
    private static Tensor Length(Tensor planes) => planes.square().sum([2, 3], keepdim: true).sqrt();

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
    private static Tensor Bumps(long height, long width, Tensor like)
    {
        Tensor both = height > 1
            ? cat([Bump(height / 2, width, like), -Bump(height - height / 2, width, like)], 0)
            : width > 1 ? cat([Bump(1, width / 2, like), -Bump(1, width - width / 2, like)], 1) : Bump(1, 1, like);
        return both / both.square().sum().sqrt();
    }

    // Nested rectangles around the middle: the value at distance d is Σ 1/(k+1)² over d ≤ k < reach.
    private static Tensor Bump(long height, long width, Tensor like)
    {
        var reach = Math.Max(height, width) / 2 + 1;
        var values = new double[reach + 1];
        for (var k = reach - 1; k >= 0; k--) values[k] = values[k + 1] + 1.0 / ((k + 1) * (k + 1));
        var distance = maximum(FromMiddle(height, like).unsqueeze(1).expand(height, width), FromMiddle(width, like).unsqueeze(0).expand(height, width));
        var bump = tensor(values, dtype: like.dtype, device: like.device).index_select(0, distance.flatten()).view(height, width);
        return bump / bump.square().sum().sqrt();
    }

    private static Tensor FromMiddle(long length, Tensor like) =>
        (arange(length, dtype: ScalarType.Int64, device: like.device) - length / 2).abs();
}
