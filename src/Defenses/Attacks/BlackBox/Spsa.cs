using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Adam on gradients estimated from logits alone by simultaneous perturbation: all elements move by ±δ at once.</summary>
/// <remarks>
/// g = mean of (loss(x + δv) − loss(x − δv))/2δ · v with v of random signs; Adam steps uphill, projected onto the ball and clipped. An image
/// costs Steps·(2·Samples + 1) forward passes. Source: Uesato et al. 2018, algorithm 1. Differs: queries stay within the bounds.
/// </remarks>
/// <param name="Epsilon">The budget, in the units of the model's bounds and of the norm; 0 or above.</param>
public sealed record Spsa(double Epsilon) : BudgetAttack(Epsilon)
{
    private const double DefaultShare = 0.01;

    /// <summary>The norm of the budget: L2 or (default) L∞.</summary>
    public override Norm Norm { get; init => field = Norm.L2OrLinf(value, nameof(Norm)); } = Norm.Linf;

    /// <summary>The loss to maximise; by default the margin.</summary>
    public Loss Loss { get; init => field = Require.NotNull(value, nameof(Loss)); } = Loss.Margin;

    /// <summary>The number of steps, at least 1; by default 100.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 100;

    /// <summary>Directions for a gradient, each with a query at both ends; at least 1, by default 128.</summary>
    public int Samples { get; init => field = Require.AtLeast(value, 1, nameof(Samples)); } = 128;

    /// <summary>The distance that each element moves in a query (δ), in the units of the bounds; above 0, by default (null) 0.01 of their range.</summary>
    public double? Delta { get; init => field = value is { } delta ? Require.Positive(delta, nameof(Delta)) : null; }

    /// <summary>Adam's learning rate, in the units of the bounds; above 0, by default (null) 0.01 of their range.</summary>
    public double? LearningRate { get; init => field = value is { } rate ? Require.Positive(rate, nameof(LearningRate)) : null; }

    /// <summary>Whether an example that meets the goal is finished at once; off by default.</summary>
    public bool StopEarly { get; init; }

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Scores;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Steps ? this with { Steps = MoreSteps(Steps, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        var usual = DefaultShare * run.Model.Bounds.Range;
        var estimated = run.With(new QueryGradient(
            run.Model, Samples, Math.Max(Delta ?? usual, run.Resolution), like => run.Masked(run.Random.Bernoulli(0.5, like, 2).sub_(1))));
        return new AdamAscent(Norm, Epsilon, LearningRate ?? usual, Steps, Loss, StopEarly).Ascend(estimated, run.Original, signs: false, 0, Steps);
    }
}
