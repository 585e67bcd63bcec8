using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>PGN: the mean of gradients at points around the image and at points one step downhill of them, so that ascents end where it is flat.</summary>
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
