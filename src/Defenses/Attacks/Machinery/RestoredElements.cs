using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Adversarial examples with fewer changed elements: elements are restored where the goal stays met without their change.</summary>
internal static class RestoredElements
{
    private const int MostRounds = 400;

    /// <summary>The points with as many elements of the originals as the goal allows, in one order: (N, …).</summary>
    /// <remarks>
    /// The order of an example is that of |change·gradient of the margin|, the least first. A group of elements is restored at once; a success
    /// doubles the next group, a failure halves it, and a single element that is needed stays.
    /// </remarks>
    /// <param name="run">The run of the examples.</param>
    /// <param name="points">Points that meet the goal, (N, …).</param>
    internal static Tensor Restore(AttackRun run, Tensor points)
    {
        using var scope = NewDisposeScope();
        var slope = run.Model.ComputeGradient(points, run.Goal.Margin).Gradient;
        var (rank, count) = Ranks((points - run.Original).flatten(1), slope.flatten(1));
        using var state = new PerExampleTensors(points.clone(), zeros_like(count), ones_like(count));   // points, position, group
        for (var round = 0; round < MostRounds; round++)
        {
            using var inner = NewDisposeScope();
            run.Cancellation.ThrowIfCancellationRequested();
            var (position, group) = (state[1], state[2]);
            var open = position < count;
            if (!open.any().ToBoolean()) break;
            var tried = rank.ge(position.unsqueeze(1)).logical_and_(rank.lt((position + group).unsqueeze(1)));
            var candidate = where(tried.view(points.shape), run.Original, state[0]);
            var met = run.IsMet(candidate, run.Goal).logical_and_(open);
            state[0] = where(Norm.PerExample(met, points), candidate, state[0]);
            state[1] = where(met, position + group, where(group <= 1, position + 1, position));
            state[2] = where(met, group * 2, (group / 2).floor().clamp_min(1));
        }

        return state[0].clone().MoveToOuterDisposeScope();
    }

    // The place of each element in the order, unchanged elements last, (N, D), and the number of changed elements, (N,).
    private static (Tensor Rank, Tensor Count) Ranks(Tensor change, Tensor slope)
    {
        var changed = change.ne(0);
        var score = where(changed, (change * slope).abs().nan_to_num(0), full_like(change, double.PositiveInfinity));
        var order = score.argsort(1);
        var places = arange(change.shape[1], dtype: change.dtype, device: change.device).expand(change.shape);
        return (zeros_like(change).scatter_(1, order, places), changed.to_type(change.dtype).sum(1));
    }
}
