using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>A part of <see cref="TransferPgd"/>: how a gradient is estimated from random points around the image.</summary>
/// <remarks>
/// Points are drawn from the ball of the attack's norm around the iterate, with <see cref="Radius"/> times ε as its radius; they are not clipped. On a random
/// model each point is a fresh draw.
/// </remarks>
public abstract record NeighborGradient
{
    private const double LargestShare = 0.25;   // of the bounds' range in L∞: beyond, small images are buried

    private protected NeighborGradient() { }

    /// <summary>The number of points behind a gradient, at least 1.</summary>
    public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = 8;

    /// <summary>The radius of the ball of points as a multiple of ε, above 0. In L∞ it is at most a quarter of the range of the bounds.</summary>
    public double Radius { get; init => field = Require.Positive(value, nameof(Radius)); } = 2;

    /// <summary>Begins an ascent.</summary>
    /// <param name="run">The run.</param>
    /// <param name="ball">The ball, the size of a step, and the loss.</param>
    internal abstract Estimate Begin(AttackRun run, ProjectedAscent ball);

    /// <summary>The gradient of the loss at x, (N, …), from one query.</summary>
    internal static Tensor Gradient(AttackRun run, Loss loss, Tensor x)
    {
        using var scope = NewDisposeScope();
        return run.Model.ComputeGradient(x, logits => loss.Value(logits, run.Goal)).Gradient.MoveToOuterDisposeScope();
    }

    /// <summary>The estimates of one ascent. Holds what they remember from step to step.</summary>
    internal abstract class Estimate(NeighborGradient options, AttackRun run, ProjectedAscent ball) : IDisposable
    {
        /// <summary>The gradient at a point, (N, …), a new tensor.</summary>
        internal abstract Tensor At(Tensor x);

        /// <summary>Disposes what is remembered.</summary>
        public virtual void Dispose() { }

        private protected Tensor Gradient(Tensor x) => NeighborGradient.Gradient(run, ball.Loss, x);

        /// <summary>A random point around x.</summary>
        private protected Tensor Near(Tensor x)
        {
            var radius = options.Radius * ball.Epsilon;
            if (ball.Norm == Norm.Linf) radius = Math.Min(radius, LargestShare * run.Model.Bounds.Range);
            return x + run.Masked(ball.Norm.RandomPoint(x, radius, run.Random));
        }

        /// <summary>A step of the given length along a gradient: in L∞ the mean absolute value of its elements, else its size.</summary>
        private protected Tensor Along(Tensor gradient, double length)
        {
            if (ball.Norm == Norm.Linf) return MomentumAscent.Normalized(gradient) * length;
            return ball.Norm.SteepestDirection(gradient) * length;
        }
    }
}
