using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The smallest L2 change that meets a goal, as Carlini and Wagner look for it: Adam on ‖x′ − x‖² + c·hinge, and a search for the c of each example.</summary>
/// <param name="run">What is attacked.</param>
/// <param name="options">Steps, constants, rate and early stopping; its norm and confidence do not count here.</param>
/// <param name="look">At points with their goal: the gradient and value of minus the hinge, and which points succeed, (N,) bool.</param>
internal sealed class L2Descent(AttackRun run, CarliniWagner options, Func<Tensor, Goal, (LossGradient Look, Tensor Met)> look)
{
    /// <summary>The smallest success of each example over all steps, (N, …); the original where there was none.</summary>
    internal Tensor Find()
    {
        using var scope = NewDisposeScope();
        using var search = new ConstantSearch(run, options.InitialConstant);
        var total = (long)options.SearchSteps * options.Steps;
        for (var round = 0; round < options.SearchSteps; round++)
        {
            using var inner = NewDisposeScope();
            search.Begin(last: round == options.SearchSteps - 1 && options.SearchSteps >= 10);
            Minimise(search, round * (long)options.Steps, total);
            search.End();
        }
        run.Step(total, total);
        return search.Best.clone().MoveToOuterDisposeScope();
    }

    // One round of Adam from the original image.
    private void Minimise(ConstantSearch search, long done, long total)
    {
        using var batch = new TanhAdam(run, search.Constants, options.LearningRate);
        Tensor? checkpoint = null;
        var tenth = Math.Max(1, options.Steps / 10);
        for (var step = 0; step < options.Steps && batch.Count > 0; step++)
        {
            run.Step(done + step, total);
            using var inner = NewDisposeScope();
            var goal = batch.Goal;
            var points = batch.Points();
            var (seen, met) = look(points, goal);
            var squared = batch.SquaredDistance(points);
            search.Offer(batch.Rows, points, squared, goal, met);
            var loss = squared - batch.Constants * seen.Loss;
            batch.Step(points, seen.Gradient);
            if (!options.AbortEarly || step % tenth != 0) continue;
            if (checkpoint is not null)
            {
                var going = loss <= checkpoint * 0.9999;
                if (step == tenth) going = going.logical_and(search.Repeats(points, squared).logical_not());
                loss = Keep(batch, going.nonzero().squeeze(1), loss);
                checkpoint.Dispose();
            }
            checkpoint = loss.MoveToOuterDisposeScope();
        }
    }

    private static Tensor Keep(TanhAdam batch, Tensor rows, Tensor loss)
    {
        if (rows.shape[0] == batch.Count) return loss;
        batch.Keep(rows);
        return loss.index_select(0, rows);
    }
}
