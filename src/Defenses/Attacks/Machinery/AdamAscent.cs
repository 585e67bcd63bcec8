using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Steps of Adam uphill, projected onto the ball around the original and clipped to the bounds.</summary>
/// <param name="Norm">The norm of the ball.</param>
/// <param name="Epsilon">The radius of the ball.</param>
/// <param name="LearningRate">Adam's learning rate, in the units of the bounds.</param>
/// <param name="Steps">Number of steps.</param>
/// <param name="Loss">The loss to maximise.</param>
/// <param name="StopEarly">Whether an example that meets the goal is finished, at the iterate that met it.</param>
internal sealed record AdamAscent(Norm Norm, double Epsilon, double LearningRate, int Steps, Loss Loss, bool StopEarly)
{
    /// <summary>The last iterate of each example; with early stopping the first that met the goal.</summary>
    /// <param name="run">The run.</param>
    /// <param name="start">Where to start, (N, …).</param>
    /// <param name="signs">Whether Adam gets the sign of the gradient, or the gradient.</param>
    /// <param name="done">Steps of the run before this ascent, for the progress report.</param>
    /// <param name="total">Steps of the whole run.</param>
    internal Tensor Ascend(AttackRun run, Tensor start, bool signs, long done, long total)
    {
        using var scope = NewDisposeScope();
        using var active = new ActiveBatch(run, start);
        using var adam = new AdamDirection(run.Original, signs ? AdamDirection.Tiny : AdamDirection.Tiny / run.Model.Bounds.Range);
        for (var step = 0; step < Steps && active.Count > 0; step++)
        {
            run.Step(done + step, total);
            using var inner = NewDisposeScope();
            var evaluation = run.Model.ComputeGradient(active.Points, logits => Loss.Value(logits, active.Goal));
            var left = StopEarly ? active.Retire(evaluation.Logits) : null;
            adam.Keep(left);
            if (active.Count == 0) break;
            var gradient = left is null ? evaluation.Gradient : evaluation.Gradient.index_select(0, left);
            var moved = active.Points + adam.Next(signs ? gradient.sign() : gradient) * LearningRate;
            active.Move(run.Clip(active.Original + Norm.Project(moved - active.Original, Epsilon)));
        }

        run.Step(done + Steps, total);
        return active.Results().MoveToOuterDisposeScope();
    }
}
