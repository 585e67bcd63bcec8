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
            return x + ball.Norm.RandomPoint(x, radius, run.Random);
        }

        /// <summary>A step of the given length along a gradient: in L∞ the mean absolute value of its elements, else its size.</summary>
        private protected Tensor Along(Tensor gradient, double length)
        {
            if (ball.Norm == Norm.Linf) return MomentumAscent.Normalized(gradient) * length;
            return ball.Norm.SteepestDirection(gradient) * length;
        }
    }
}

/// <summary>VMI: the gradient at the image plus its variance v of the step before, v = (mean gradient of the points) − (gradient at the image).</summary>
/// <remarks>Twenty points within 1.5·ε by default. Source: Wang and He 2021 (variance tuning), algorithm 1. With Nesterov all points are shifted.</remarks>
public sealed record VarianceTuning : NeighborGradient
{
    /// <summary>Twenty points within 1.5·ε.</summary>
    public VarianceTuning() => (Count, Radius) = (20, 1.5);

    internal override Estimate Begin(AttackRun run, ProjectedAscent ball) => new Tuned(this, run, ball);

    private sealed class Tuned(VarianceTuning options, AttackRun run, ProjectedAscent ball) : Estimate(options, run, ball)
    {
        private readonly PerExampleTensors _variance = new(zeros_like(run.Original));

        internal override Tensor At(Tensor x)
        {
            using var scope = NewDisposeScope();
            var gradient = Gradient(x);
            var sum = zeros_like(x);
            for (var number = 0; number < options.Count; number++)
            {
                using var inner = NewDisposeScope();
                sum.add_(Gradient(Near(x)));
            }
            var tuned = gradient + _variance[0];
            _variance[0] = sum / options.Count - gradient;
            return tuned.MoveToOuterDisposeScope();
        }

        public override void Dispose() => _variance.Dispose();
    }
}

/// <summary>PGN: the mean of gradients at points around the image and at points one step downhill of them, so that ascents end where the loss is flat.</summary>
/// <remarks>
/// (1 − γ)·∇L(p) + γ·∇L(q) with q = p − α·∇L(p)/mean|∇L(p)|: two gradients for each point. Source: Ge et al. 2023 (penalizing gradient norm), algorithm 1.
/// </remarks>
public sealed record GradientNormPenalty : NeighborGradient
{
    /// <summary>Eight points within 3·ε.</summary>
    public GradientNormPenalty() => (Count, Radius) = (8, 3);

    /// <summary>The share γ of the gradient downhill, from 0 to 1; by default 0.5.</summary>
    public double Balance { get; init => field = Require.Within(value, 0, 1, nameof(Balance)); } = 0.5;

    internal override Estimate Begin(AttackRun run, ProjectedAscent ball) => new Penalized(this, run, ball);

    private sealed class Penalized(GradientNormPenalty options, AttackRun run, ProjectedAscent ball) : Estimate(options, run, ball)
    {
        private readonly double _step = ball.StepSize;

        internal override Tensor At(Tensor x)
        {
            using var scope = NewDisposeScope();
            var sum = zeros_like(x);
            for (var number = 0; number < options.Count; number++)
            {
                using var inner = NewDisposeScope();
                var point = Near(x);
                var gradient = Gradient(point);
                sum.add_(gradient, alpha: 1 - options.Balance);
                sum.add_(Gradient(point - Along(gradient, _step)), alpha: options.Balance);
            }
            return sum.div_(options.Count).MoveToOuterDisposeScope();
        }
    }
}

/// <summary>MEF: the mean of gradients at points around the image, each moved along a direction of its own that follows its last gradients.</summary>
/// <remarks>
/// Point i: x + U(radius) + shift·ε·r_i with gradient g_i; then r_i ← g_i/mean|g_i| − 0.9·r_i. Eight points within 2·ε and a shift of 0.15·ε by default.
/// Source: the public code of Qiu et al. 2024 (maximin expected flatness), which has twenty points.
/// </remarks>
public sealed record ExpectedFlatness : NeighborGradient
{
    private const double Decay = 0.9;

    /// <summary>The length of the shift as a multiple of ε, 0 or above; by default 0.15.</summary>
    public double Shift { get; init => field = Require.NotNegative(value, nameof(Shift)); } = 0.15;

    internal override Estimate Begin(AttackRun run, ProjectedAscent ball) => new Flat(this, run, ball);

    private sealed class Flat(ExpectedFlatness options, AttackRun run, ProjectedAscent ball) : Estimate(options, run, ball)
    {
        private readonly PerExampleTensors _directions =
            new([.. Enumerable.Range(0, options.Count).Select(_ => zeros_like(run.Original))]);

        private readonly double _shift = options.Shift * ball.Epsilon;

        internal override Tensor At(Tensor x)
        {
            using var scope = NewDisposeScope();
            var sum = zeros_like(x);
            for (var number = 0; number < options.Count; number++)
            {
                using var inner = NewDisposeScope();
                var gradient = Gradient(Near(x) + _directions[number] * _shift);
                sum.add_(gradient);
                _directions[number] = Along(gradient, 1) - _directions[number] * Decay;
            }
            return sum.div_(options.Count).MoveToOuterDisposeScope();
        }

        public override void Dispose() => _directions.Dispose();
    }
}
