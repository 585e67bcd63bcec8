using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The first points of an attack that may start at points known from other attacks (<see cref="AttackRun.Start"/>).</summary>
internal static class KnownStart
{
    /// <summary>The known points, moved by a function such as a projection onto the ball; where none is known, the given points: (N, …).</summary>
    internal static Tensor StartOr(this AttackRun run, Tensor otherwise, Func<Tensor, Tensor> move)
    {
        if (run.Start is null) return otherwise;
        using var scope = NewDisposeScope();
        var known = (run.Start - run.Original).flatten(1).ne(0).any(1);
        return where(Norm.PerExample(known, run.Original), move(run.Start), otherwise).MoveToOuterDisposeScope();
    }
}
