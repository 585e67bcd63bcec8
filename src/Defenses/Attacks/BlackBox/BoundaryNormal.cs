using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The direction in which a goal becomes met, estimated from decisions about random points around points near the boundary.</summary>
internal static class BoundaryNormal
{
    private const long RowsPerPass = 512;

    /// <summary>The sum of random directions, weighted by the answers with their mean subtracted (Chen et al. 2020, equation 16): (N, …).</summary>
    /// <param name="run">The run.</param>
    /// <param name="active">The examples, at their points.</param>
    /// <param name="radius">The length of the moves of each example in L2, (N,).</param>
    /// <param name="queries">The number of queries for each example.</param>
    /// <param name="draw">Draws directions in the shape of a tensor, of any length.</param>
    internal static Tensor Estimate(AttackRun run, ActiveBatch active, Tensor radius, long queries, Func<Tensor, Tensor> draw)
    {
        using var scope = NewDisposeScope();
        var (x, rows, elements) = (active.Points, active.Count, active.Points.numel() / active.Count);
        if (run.Resolution > 0) radius = radius.clamp_min(run.Resolution * Math.Sqrt(elements));   // about a level in each element
        var weighted = zeros([rows, elements], dtype: x.dtype, device: x.device);
        var (plain, answered) = (zeros_like(weighted), zeros_like(radius));
        var most = Math.Max(1, RowsPerPass / rows);
        for (var left = queries; left > 0; left -= most)
        {
            using var inner = NewDisposeScope();
            var (moves, answers) = Query(run, active, radius, Math.Min(left, most), draw);
            weighted.add_((moves * answers.unsqueeze(2)).sum([0]));
            plain.add_(moves.sum([0]));
            answered.add_(answers.sum([0]));
        }

        var mean = answered / queries;
        // Where all answers are equal, their mean is not subtracted: nothing would be left.
        var baseline = where(mean.abs() < 1, mean, zeros_like(mean));
        return (weighted - plain * baseline.unsqueeze(1)).view(x.shape).MoveToOuterDisposeScope();
    }

    // Random moves of unit length, (count, N, D), and whether the goal is met there (+1) or not (−1), (count, N).
    private static (Tensor Moves, Tensor Answers) Query(AttackRun run, ActiveBatch active, Tensor radius, long count, Func<Tensor, Tensor> draw)
    {
        var (x, rows) = (active.Points, active.Count);
        var middle = x.unsqueeze(0).expand([count, .. x.shape]).reshape([count * rows, .. x.shape[1..]]);
        var drawn = run.Masked(draw(middle));
        var scale = Norm.PerExample(radius.repeat(count), middle);
        var queried = run.Clip(middle + drawn / Norm.PerExample(Norm.L2.Size(drawn), middle) * scale);
        var goal = active.Goal.Select(arange(rows, dtype: ScalarType.Int64, device: x.device).repeat(count));
        var met = goal.IsMet(run.Model.ComputeLogits(queried)).to_type(x.dtype);
        return (((queried - middle) / scale).view(count, rows, -1), (met * 2 - 1).view(count, rows));
    }
}
