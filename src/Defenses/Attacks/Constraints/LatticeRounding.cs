using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Rounds changes to whole steps of a lattice, without making them larger than they were or than a budget.</summary>
internal static class LatticeRounding
{
    private const double Exact = 1e-4, Slack = 1e-6;

    /// <summary>Whole numbers of steps, (N, …) → (N, …): the nearest, as far as they are not too large in the norm.</summary>
    /// <remarks>
    /// Rounding towards 0 makes no change larger. In L1 and L2 all elements are rounded towards 0 first. Then those that lie nearest to the larger number
    /// get it, one after another: those above the middle as long as the change is within its own size or the budget, the others as long as it is within its own
    /// size, so that a change of less than half a step in each element is not lost. L∞ cuts at whole steps. In other norms a change whose nearest
    /// numbers are too large is rounded towards 0 as a whole. Idempotent.
    /// </remarks>
    /// <param name="change">The change of each element, in steps.</param>
    /// <param name="norm">The norm of the attack.</param>
    /// <param name="budget">The size that a change may have in any case, in steps; 0 for none.</param>
    internal static Tensor Whole(Tensor change, Norm norm, double budget)
    {
        using var scope = NewDisposeScope();
        var whole = change.round();
        var steps = where((change - whole).abs() < Exact, whole, change);
        var own = norm.Size(steps);
        var most = own.clamp_min(budget);
        if (norm == Norm.Linf)
        {
            var limit = Norm.PerExample((most + Exact).floor(), whole);
            return maximum(minimum(whole, limit), -limit).MoveToOuterDisposeScope();
        }

        if (norm == Norm.L1) return Filled(steps, whole, own, most, squared: false).MoveToOuterDisposeScope();
        if (norm == Norm.L2) return Filled(steps, whole, own, most, squared: true).MoveToOuterDisposeScope();
        most = most * (1 + Slack);
        var fitted = where(Norm.PerExample(norm.Size(whole) > most, whole), steps.trunc(), whole);
        var fits = norm.Size(fitted) <= most;   // a custom norm may grow although no element does
        return where(Norm.PerExample(fits, whole), fitted, zeros_like(fitted)).MoveToOuterDisposeScope();
    }

    private static Tensor Filled(Tensor steps, Tensor whole, Tensor own, Tensor most, bool squared)
    {
        var size = steps.abs().flatten(1);
        var kept = size.trunc();
        var rest = size - kept;
        var order = rest.argsort(1, descending: true);
        var cost = (squared ? kept * 2 + 1 : ones_like(kept)).gather(1, order).to_type(ScalarType.Float64).cumsum(1);
        var above = (whole.abs().flatten(1) > kept).gather(1, order);
        var room = where(above, Room(most), Room(own));
        var chosen = cost.le(room).logical_and(rest.gather(1, order) > 0).to_type(size.dtype);
        var raised = zeros_like(size).scatter_(1, order, chosen);
        return steps.sign() * (kept + raised).view(steps.shape);

        // What may be added to the elements rounded towards 0: (N,) → (N, 1).
        Tensor Room(Tensor limit)
        {
            var (whole64, kept64) = ((limit * (1 + Slack)).to_type(ScalarType.Float64), kept.to_type(ScalarType.Float64));
            return (squared ? whole64.square() - kept64.square().sum(1) : whole64 - kept64.sum(1)).unsqueeze(1);
        }
    }
}
