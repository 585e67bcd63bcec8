using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>PGD in L∞ with the steps of Adam: the public code of several papers on random defenses has this under the name PGD.</summary>
/// <remarks>
/// x ← clip(P(x + rate·m̂/(√v̂ + 10⁻⁸))), m̂ and v̂ the running means of Adam over the gradient, or over its sign. On signs √v̂ is 1, so that a step is
/// the rate times a running mean of signs. Source: the code of Athalye, Carlini and Wagner 2018, and Wang et al. 2019; Kingma and Ba 2015.
/// Differs: the defaults are a valid rate and a random start; <see cref="Presets"/> have the published settings. To evaluate a model, and not to
/// reproduce a paper, use <see cref="Pgd"/>.
/// </remarks>
/// <param name="Epsilon">The budget, in the units of the model's bounds; 0 or above.</param>
public sealed record AdamPgd(double Epsilon) : BudgetAttack(Epsilon)
{
    /// <summary>The norm of the budget: L∞.</summary>
    public override Norm Norm
    {
        get;
        init => field = value == Norm.Linf
            ? value
            : throw new ArgumentException($"Norm must be Linf for this attack; it is {value}. Use Pgd for L1 and L2.", nameof(Norm));
    } = Norm.Linf;

    /// <summary>The loss to maximise; by default cross-entropy.</summary>
    public Loss Loss { get; init => field = Require.NotNull(value, nameof(Loss)); } = Loss.CrossEntropy;

    /// <summary>The number of steps, at least 1; by default 100.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 100;

    /// <summary>Adam's learning rate, in the units of the bounds, above 0; by default (null) ε/10.</summary>
    public double? LearningRate { get; init => field = value is { } rate ? Require.Positive(rate, nameof(LearningRate)) : null; }

    /// <summary>Whether Adam gets the sign of the gradient (default) or the gradient.</summary>
    public bool Signs { get; init; } = true;

    /// <summary>The number of ascents, at least 1; by default 1.</summary>
    public int Restarts { get; init => field = Require.AtLeast(value, 1, nameof(Restarts)); } = 1;

    /// <summary>Whether an ascent starts at the lowest corner of the ball within the bounds; by default it starts at a random point of the ball.</summary>
    public bool CornerStart { get; init; }

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Gradient;

    /// <inheritdoc/>
    public override int? GradientSteps => Steps;

    /// <inheritdoc/>
    public override bool AscendsCrossEntropy => Loss == Loss.CrossEntropy;

    /// <inheritdoc/>
    public override Attack WithDefaultStepSize() => this with { LearningRate = null };

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) => effort switch
    {
        AttackEffort.Steps => this with { Steps = MoreSteps(Steps, factor) },
        AttackEffort.Restarts when !CornerStart => this with { Restarts = factor * Restarts },
        _ => null,
    };

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        var ascent = new AdamAscent(Norm, Epsilon, LearningRate ?? Epsilon / 10, Steps, Loss, StopEarly: false);
        return BestPerExample.Find(run, Loss, Restarts, restart =>
            ascent.Ascend(run, Start(run), Signs, restart * (long)Steps, Restarts * (long)Steps));
    }

    private Tensor Start(AttackRun run) =>
        run.Clip(CornerStart ? run.Original - Epsilon : run.Original + Norm.RandomPoint(run.Original, Epsilon, run.Random));
}
