using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Windows in which each plane goes to +ε or −ε (Andriushchenko et al. 2020, algorithm 2).</summary>
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
