using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Steps along a momentum of normalized gradients, within the ball and the bounds.</summary>
/// <param name="Ball">The ball, the size and number of steps, the loss.</param>
/// <param name="Momentum">The share of the momentum that is kept.</param>
/// <param name="Nesterov">Whether gradients are taken one step ahead.</param>
/// <param name="Neighbors">The estimate of the gradient; null for the gradient itself.</param>
internal sealed record MomentumAscent(ProjectedAscent Ball, double Momentum, bool Nesterov, NeighborGradient? Neighbors)
{
    /// <summary>The last iterate of each example, (N, …).</summary>
    /// <param name="run">The run, on the model as the attack sees it.</param>
    /// <param name="randomStart">Whether to start at a random point of the ball.</param>
    /// <param name="done">Steps of the run before this ascent, for the progress report.</param>
    /// <param name="total">Steps of the whole run.</param>
    internal Tensor Ascend(AttackRun run, bool randomStart, long done, long total)
    {
        using var scope = NewDisposeScope();
        using var state = new PerExampleTensors(randomStart ? Ball.RandomStart(run) : run.Original.alias(), zeros_like(run.Original));
        using var estimate = Neighbors?.Begin(run, Ball);
        for (var step = 0; step < Ball.Steps; step++)
        {
            run.Step(done + step, total);
            using var inner = NewDisposeScope();
            var (x, momentum) = (state[0], state[1]);
            var at = Nesterov ? x + Ahead(momentum) : x;
            var gradient = estimate?.At(at) ?? NeighborGradient.Gradient(run, Ball.Loss, at);
            state[1] = momentum * Momentum + Normalized(gradient);
            state[0] = Ball.Advance(run, x, run.Original, state[1]);
        }

        run.Step(done + Ball.Steps, total);
        return state[0].clone().MoveToOuterDisposeScope();
    }

    /// <summary>A gradient divided by its mean absolute value in each example; 0 where that is 0: (N, …) → (N, …).</summary>
    internal static Tensor Normalized(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var size = MeanAbsolute(gradient);
        return where(size > 0, gradient / size.clamp_min(1e-30), zeros_like(gradient)).MoveToOuterDisposeScope();
    }

    // α·μ·m; in norms other than L∞ a vector of the size α·μ·mean|m| along m.
    private Tensor Ahead(Tensor momentum)
    {
        var length = Ball.StepSize * Momentum;
        if (Ball.Norm == Norm.Linf) return momentum * length;
        var size = Norm.PerExample(Ball.Norm.Size(momentum), momentum);
        return momentum / size.clamp_min(1e-30) * (MeanAbsolute(momentum) * length);
    }

    private static Tensor MeanAbsolute(Tensor x) => Norm.PerExample(x.flatten(1).abs().mean([1]), x);
}
