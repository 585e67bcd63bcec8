using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The loop of PGD and its variants: steps uphill, projected onto the ball around the original and clipped to the bounds.</summary>
/// <param name="Norm">The norm of the ball.</param>
/// <param name="Epsilon">The radius of the ball.</param>
/// <param name="StepSize">Size of a step in the norm.</param>
/// <param name="Steps">Number of steps.</param>
/// <param name="Loss">The loss to maximise.</param>
/// <param name="StopEarly">Whether an example that meets the goal is finished, at the iterate that met it.</param>
internal sealed record ProjectedAscent(Norm Norm, double Epsilon, double StepSize, int Steps, Loss Loss, bool StopEarly)
{
    /// <summary>The last iterate of each example; with early stopping the first that met the goal.</summary>
    /// <param name="run">The run.</param>
    /// <param name="start">Where to start, (N, …).</param>
    /// <param name="done">Steps of the run before this ascent, for the progress report.</param>
    /// <param name="total">Steps of the whole run.</param>
    internal Tensor Ascend(AttackRun run, Tensor start, long done, long total)
    {
        using var scope = NewDisposeScope();
        using var active = new ActiveBatch(run, start);
        for (var step = 0; step < Steps && active.Count > 0; step++)
        {
            run.Step(done + step, total);
            using var inner = NewDisposeScope();
            var evaluation = run.Model.ComputeGradient(active.Points, logits => Loss.Value(logits, active.Goal));
            var left = StopEarly ? active.Retire(evaluation.Logits) : null;
            var gradient = left is null ? evaluation.Gradient : evaluation.Gradient.index_select(0, left);
            if (active.Count > 0) active.Move(Advance(run, active.Points, active.Original, gradient));
        }
        run.Step(done + Steps, total);
        return active.Results().MoveToOuterDisposeScope();
    }

    /// <summary>The best end point of several ascents, each from a random point of the ball or from the image.</summary>
    internal Tensor AscendBest(AttackRun run, int restarts, bool randomStart) => BestPerExample.Find(run, Loss, restarts, restart =>
        Ascend(run, Start(run, randomStart, restart), restart * (long)Steps, restarts * (long)Steps));

    private Tensor Start(AttackRun run, bool randomStart, int restart)
    {
        var start = randomStart ? RandomStart(run) : run.Original;
        return restart == 0 ? run.StartOr(start, known => run.Clip(run.Original + Norm.Project(known - run.Original, Epsilon))) : start;
    }

    /// <summary>A random point of the ball within the bounds.</summary>
    internal Tensor RandomStart(AttackRun run) => run.Clip(run.Original + Norm.RandomPoint(run.Original, Epsilon, run.Random));

    /// <summary>One step uphill, projected onto the ball, clipped to the bounds: (N, …) → (N, …).</summary>
    internal Tensor Advance(AttackRun run, Tensor x, Tensor original, Tensor gradient)
    {
        var moved = Norm.Ascend(x, gradient, StepSize, run.Model.Bounds);
        return run.Clip(Norm == Norm.Linf
            ? maximum(minimum(moved, original + Epsilon), original - Epsilon)   // exact at the faces of the ball, without rounding
            : original + Norm.Project(moved - original, Epsilon));
    }
}
