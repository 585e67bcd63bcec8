using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Adversarial examples with fewer changed elements: the changed elements take their best values, so that fewer of them are needed.</summary>
/// <remarks>In L0 the size of a change costs nothing. A round ascends the margin along gradient signs in the changed elements, then restores.</remarks>
internal static class SaturatedElements
{
    private const int MostRounds = 6, AscentSteps = 12;
    private const double FirstStep = 0.5, LastStep = 0.05;

    /// <summary>The points after rounds of ascent and restoring, until no example loses an element: (N, …).</summary>
    /// <param name="run">The run of the examples.</param>
    /// <param name="points">Points that meet the goal, (N, …).</param>
    internal static Tensor Reduce(AttackRun run, Tensor points)
    {
        using var scope = NewDisposeScope();
        using var state = new PerExampleTensors(RestoredElements.Restore(run, points));
        for (var round = 0; round < MostRounds; round++)
        {
            using var inner = NewDisposeScope();
            var raised = Raise(run, state[0]);
            var kept = where(Norm.PerExample(run.IsMet(raised, run.Goal), raised), raised, state[0]);
            var fewer = RestoredElements.Restore(run, kept);
            var less = Changed(run, fewer) < Changed(run, state[0]);
            state[0] = where(Norm.PerExample(less, fewer), fewer, state[0]);
            if (!less.any().ToBoolean()) break;
        }

        return state[0].clone().MoveToOuterDisposeScope();
    }

    // The point with the largest margin along an ascent in the changed elements.
    private static Tensor Raise(AttackRun run, Tensor points)
    {
        using var scope = NewDisposeScope();
        var (free, range) = (points.ne(run.Original).to_type(points.dtype), run.Model.Bounds.Range);
        using var state = new PerExampleTensors(points.clone(), points.clone(), full([points.shape[0]], double.NegativeInfinity, points.dtype, points.device));
        for (var step = 0; step < AscentSteps; step++)
        {
            using var inner = NewDisposeScope();
            run.Cancellation.ThrowIfCancellationRequested();
            var evaluation = run.Model.ComputeGradient(state[0], run.Goal.Margin);
            var better = evaluation.Loss > state[2];
            state[1] = where(Norm.PerExample(better, points), state[0], state[1]);
            state[2] = where(better, evaluation.Loss, state[2]);
            var length = SmallestSearch.Falling(FirstStep, LastStep, step, AscentSteps) * range;
            state[0] = run.Clip(state[0] + evaluation.Gradient.sign() * free * length);
        }

        return state[1].clone().MoveToOuterDisposeScope();
    }

    private static Tensor Changed(AttackRun run, Tensor points) => Norm.L0.Size(points - run.Original);
}
