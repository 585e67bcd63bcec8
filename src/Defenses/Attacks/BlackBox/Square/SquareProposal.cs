using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Where the Square attack starts, and what it tries next.</summary>
internal abstract class SquareProposal(AttackRun run, double epsilon)
{
    /// <summary>The budget.</summary>
    private protected double Epsilon { get; } = epsilon;

    /// <summary>Where chance comes from.</summary>
    private protected RandomSource Random { get; } = run.Random;

    private readonly Bounds _bounds = run.Model.Bounds;

    /// <summary>The first point of each example: (N, …) → (N, …).</summary>
    internal abstract Tensor Start(Tensor original);

    /// <summary>A candidate made of the best point: (N, …), (N, …) → (N, …).</summary>
    /// <param name="best">The best points.</param>
    /// <param name="original">The originals.</param>
    /// <param name="share">The share of the elements that a window covers.</param>
    internal abstract Tensor Propose(Tensor best, Tensor original, double share);

    /// <summary>A batch as images of planes: (N, C, H, W); (N, H, W) is one plane, anything else a plane of one row.</summary>
    private protected static Tensor Planes(Tensor x) => x.dim() switch
    {
        4 => x.alias(),
        3 => x.unsqueeze(1),
        _ => x.flatten(1).unsqueeze(1).unsqueeze(1),
    };

    /// <summary>+1 or −1, at random, in the shape of a tensor.</summary>
    private protected Tensor Signs(Tensor like) => Random.Bernoulli(0.5, like, 2).sub_(1);

    /// <summary>One element of each plane: (N, C, H, W) → (N, C, 1, 1).</summary>
    private protected static Tensor OnePerPlane(Tensor planes) => planes.narrow(2, 0, 1).narrow(3, 0, 1).contiguous();

    private protected Tensor Clip(Tensor x) => x.clamp(_bounds.Lower, _bounds.Upper);
}
