using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>PGD on gradients estimated from logits alone by natural evolution strategies: for models that hide or mask their gradients.</summary>
/// <remarks>
/// g = 1/(2σn)·Σ (loss(x + σuᵢ) − loss(x − σuᵢ))·uᵢ with normal uᵢ, then a step of PGD. An image costs Steps·(2·Samples + 1) forward passes.
/// Source: Ilyas et al. 2018, algorithm 1 (antithetic sampling). Differs: queries stay within the bounds, and any loss can be maximised.
/// </remarks>
/// <param name="Epsilon">The budget, in the units of the model's bounds and of the norm; 0 or above.</param>
public sealed record Nes(double Epsilon) : BudgetAttack(Epsilon)
{
    private const double DefaultShare = 0.01;

    /// <summary>The norm of the budget: L2 or (default) L∞.</summary>
    public override Norm Norm { get; init => field = Norm.L2OrLinf(value, nameof(Norm)); } = Norm.Linf;

    /// <summary>The loss to maximise; by default the margin.</summary>
    public Loss Loss { get; init => field = Require.NotNull(value, nameof(Loss)); } = Loss.Margin;

    /// <summary>The number of steps, at least 1; by default 100.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 100;

    /// <summary>The size of a step in the norm, above 0; by default (null) ε/10.</summary>
    public double? StepSize { get; init => field = value is { } size ? Require.Positive(size, nameof(StepSize)) : null; }

    /// <summary>Directions for a gradient (n), each with a query at both ends; at least 1, by default 50.</summary>
    public int Samples { get; init => field = Require.AtLeast(value, 1, nameof(Samples)); } = 50;

    /// <summary>
    /// The distance of the queries from the point (σ, per element), in the units of the bounds; above 0, by default (null) 0.01 of their range. A larger
    /// distance bridges jumps and noise; the paper has 0.001.
    /// </summary>
    public double? Sigma { get; init => field = value is { } sigma ? Require.Positive(sigma, nameof(Sigma)) : null; }

    /// <summary>The number of ascents, at least 1; by default 1.</summary>
    public int Restarts { get; init => field = Require.AtLeast(value, 1, nameof(Restarts)); } = 1;

    /// <summary>Whether an ascent starts at a random point of the ball (default) or at the image.</summary>
    public bool RandomStart { get; init; } = true;

    /// <summary>Whether an example that meets the goal is finished at once; off by default.</summary>
    public bool StopEarly { get; init; }

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Scores;

    /// <inheritdoc/>
    public override Attack WithDefaultStepSize() => this with { StepSize = null };

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) => effort switch
    {
        AttackEffort.Steps => this with { Steps = MoreSteps(Steps, factor) },
        AttackEffort.Restarts when RandomStart => this with { Restarts = factor * Restarts },
        _ => null,
    };

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        var sigma = Math.Max(Sigma ?? DefaultShare * run.Model.Bounds.Range, run.Resolution);
        var estimated = run.With(new QueryGradient(run.Model, Samples, sigma, like => run.Masked(run.Random.Normal(like))));
        return new ProjectedAscent(Norm, Epsilon, StepSize ?? Epsilon / 10, Steps, Loss, StopEarly).AscendBest(estimated, Restarts, RandomStart);
    }
}
