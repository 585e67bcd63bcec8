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

    /// <summary>The bounds.</summary>
    private protected Bounds Bounds => _run.Model.Bounds;

    /// <summary>The first point of each example: (N, …) → (N, …).</summary>
    internal abstract Tensor Start(Tensor original);

    /// <summary>A candidate made from the best point: (N, …), (N, …) → (N, …).</summary>
    /// <param name="best">The best points.</param>
    /// <param name="original">The originals.</param>
    /// <param name="share">The share of the elements that a window covers.</param>
    internal abstract Tensor Propose(Tensor best, Tensor original, double share);

    /// <summary>A batch as images of planes: (N, C, H, W); (N, H, W) is one plane, any other shape is a plane of one row.</summary>
    internal static Tensor Planes(Tensor x) => x.dim() switch
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
