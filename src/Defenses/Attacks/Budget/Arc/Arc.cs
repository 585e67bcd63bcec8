using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>ARC: the attack on randomised ensembles. It counts the fooled members instead of averaging their losses.</summary>
/// <remarks>
/// The mean loss of an ensemble can mislead: where the gradients of the members cancel, or where one gradient is steep but its boundary is out of
/// reach, an ascent of the mean loss fools no member. Each step visits the members, the most probable first. For each member it turns a local change (of
/// size η) towards the nearest boundary, as far as necessary to cross it, and keeps the turned change if the expected share of fooled members does not
/// fall; the whole change is then accepted or rejected by the same rule. An example that fools every member is finished. Members: of
/// <see cref="Models.AllPaths"/> every path, of <see cref="Models.Surrogates"/> every model; any other view is an ensemble of one.
/// Source: Dbouk and Shanbhag 2022, algorithms 1 and 2, with proposition 2 for the step. Differs: the boundaries are those around the label, the distance to
/// a boundary is measured from the start of the local change, as the proposition needs it, and the first comparison is made at the start.
/// </remarks>
/// <param name="Epsilon">The budget, in the units of the model's bounds and of the norm; above 0.</param>
public sealed record Arc(double Epsilon) : BudgetAttack(Epsilon)
{
    /// <summary>The norm of the budget: L2 or (default) L∞.</summary>
    public override Norm Norm { get; init => field = Norm.L2OrLinf(value, nameof(Norm)); } = Norm.Linf;

    /// <summary>The number of steps K, at least 1; by default 20.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 20;

    /// <summary>The size η of the local change of a step, above 0; by default (null) ε.</summary>
    public double? StepSize { get; init => field = value is { } size ? Require.Positive(size, nameof(StepSize)) : null; }

    /// <summary>The distance to go beyond a boundary (ρ), as a share of ε; 0 or above, by default 0.05.</summary>
    public double Overshoot { get; init => field = Require.NotNegative(value, nameof(Overshoot)); } = 0.05;

    /// <summary>The number of classes, with the label, that are searched for the nearest boundary: at least 2; by default (null)
    /// all where the model has at most twenty, and eleven where it has more. The lite version takes 4.</summary>
    public int? TopClasses { get; init => field = value is { } count ? Require.AtLeast(count, 2, nameof(TopClasses)) : null; }

    /// <summary>The number of members that a step visits, at least 1, in turn; by default (null) all. For ensembles with very many members.</summary>
    public int? MembersPerStep { get; init => field = value is { } count ? Require.AtLeast(count, 1, nameof(MembersPerStep)) : null; }

    /// <summary>The number of starts, at least 1; by default 1.</summary>
    public int Restarts { get; init => field = Require.AtLeast(value, 1, nameof(Restarts)); } = 1;

    /// <summary>Whether a start is a random point of the ball (default) or the image.</summary>
    public bool RandomStart { get; init; } = true;

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Gradient;

    /// <inheritdoc/>
    public override int? GradientSteps => Steps;

    /// <inheritdoc/>
    public override Attack WithDefaultStepSize() => this with { StepSize = null };

    private protected override bool NeedsBudget => true;

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
        using var scope = NewDisposeScope();
        using var best = new ActiveBatch(run, run.Original);
        using var bestShare = new PerExampleTensors(ArcAscent.Share(run, run.Original, run.Goal));
        for (var restart = 0; restart < Restarts && best.Count > 0; restart++)
        {
            using var inner = NewDisposeScope();
            var left = best.Remaining;
            var end = Ascend(left, restart);
            var share = ArcAscent.Share(left, end, left.Goal);
            var better = share >= bestShare[0];
            best.Move(where(Norm.PerExample(better, end), end, best.Points));
            bestShare[0] = maximum(share, bestShare[0]);
            bestShare.Keep(best.RetireWhere(bestShare[0] >= ArcAscent.All));
        }

        run.Step((long)Restarts * Steps, (long)Restarts * Steps);
        return best.Results().MoveToOuterDisposeScope();
    }

    private Tensor Ascend(AttackRun run, int restart)
    {
        var x = run.Original;
        using var ascent = new ArcAscent(run, this, RandomStart ? Norm.RandomPoint(x, Epsilon, run.Random) : zeros_like(x));
        for (var step = 0; step < Steps && ascent.Count > 0; step++)
        {
            run.Step((long)restart * Steps + step, (long)Restarts * Steps);
            ascent.Advance(step);
        }

        return ascent.Results();
    }
}
