using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Rounds changes to whole steps of a lattice without making them larger than they were, or than a budget.</summary>
internal static class LatticeRounding
{
    private const double Exact = 1e-4, Slack = 1e-6;

    /// <summary>Whole numbers of steps, (N, …) → (N, …): the nearest, or where these are too large in the norm, some of the next towards 0.</summary>
    /// <remarks>Rounding towards 0 makes no change larger. In L1 and L2 the elements nearest to the larger number keep it, as many as the size allows;
    /// other norms round the whole change towards 0 where the nearest numbers are too large. Idempotent.</remarks>
    /// <param name="change">The change of each element, in steps.</param>
    /// <param name="norm">The norm of the attack.</param>
    /// <param name="budget">The size that a change may have in any case, in steps; 0 for none.</param>
    internal static Tensor Whole(Tensor change, Norm norm, double budget)
    {
        using var scope = NewDisposeScope();
        var whole = change.round();
        var steps = where((change - whole).abs() < Exact, whole, change);
        var most = norm.Size(steps).clamp_min(budget);
        if (norm == Norm.Linf)
        {
            var limit = Norm.PerExample((most + Exact).floor(), whole);
            return maximum(minimum(whole, limit), -limit).MoveToOuterDisposeScope();
        }

        most = most * (1 + Slack);
        var large = norm.Size(whole) > most;
        if (!large.any().ToBoolean()) return whole.MoveToOuterDisposeScope();
        var smaller = norm == Norm.L1 || norm == Norm.L2 ? Filled(steps, whole, most, norm == Norm.L2) : steps.trunc();
        var fitted = where(Norm.PerExample(large, whole), smaller, whole);
        var fits = norm.Size(fitted) <= most;   // a custom norm may grow although no element does
        return where(Norm.PerExample(fits, whole), fitted, zeros_like(fitted)).MoveToOuterDisposeScope();
    }

    // Rounded towards 0; then elements that are nearer to the next number get it, the nearest first, until the size is used up.
    private static Tensor Filled(Tensor steps, Tensor whole, Tensor most, bool squared)
    {
        var (size, next) = (steps.abs().flatten(1), whole.abs().flatten(1));
        var kept = size.trunc();
        var up = next > kept;
        var order = where(up, size - kept, full_like(size, -1)).argsort(1, descending: true);
        var cost = where(up, squared ? kept * 2 + 1 : ones_like(kept), zeros_like(kept)).gather(1, order).to_type(ScalarType.Float64);
        var used = (squared ? kept.square() : kept).to_type(ScalarType.Float64).sum(1);
        var room = (squared ? most.square() : most).to_type(ScalarType.Float64) - used;
        var chosen = cost.cumsum(1).le(room.unsqueeze(1)).to_type(size.dtype);
        var raised = zeros_like(size).scatter_(1, order, chosen) * up.to_type(size.dtype);
        return (steps.sign() * (kept + raised).view(steps.shape));
    }
}
