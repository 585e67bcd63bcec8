using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>ARC: the attack on randomised ensembles, which counts the members that are fooled instead of averaging their losses.</summary>
/// <remarks>
/// The mean loss of an ensemble can be blind: where the gradients of its members cancel, or one is steep but out of reach, climbing it fools nobody.
/// Each step goes through the members, the likeliest first, and turns a local change (of size η) towards the nearest boundary of each, as far as
/// needed to cross it, and keeps what does not lower the expected share of fooled members; then the change as a whole is kept or refused
/// by the same rule. Examples that fool every member leave the batch. Members: of <see cref="Models.AllPaths"/> every path, of
/// <see cref="Models.Surrogates"/> every model; any other view is an ensemble of one.
/// Source: Dbouk and Shanbhag 2022, algorithms 1 and 2, with proposition 2 for the step. Differs: boundaries are those around the label, the distance to a
/// boundary is measured from where the local change begins, as the proposition needs it, and the first comparison is made at the start.
/// </remarks>
/// <param name="Epsilon">The budget, in the units of the model's bounds and of the norm; above 0.</param>
public sealed record Arc(double Epsilon) : Attack
{
    /// <summary>The budget, in the units of the model's bounds and of the norm; above 0.</summary>
    public double Epsilon { get; init => field = Require.Positive(value, nameof(Epsilon)); } = Require.Positive(Epsilon, nameof(Epsilon));

    /// <summary>The norm of the budget: L2 or (default) L∞.</summary>
    public override Norm Norm { get; init => field = Norm.L2OrLinf(value, nameof(Norm)); } = Norm.Linf;

    /// <summary>The number of steps K, at least 1; by default 20.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 20;

    /// <summary>The size η of the local change of a step, above 0; by default (null) ε.</summary>
    public double? StepSize { get; init => field = value is { } size ? Require.Positive(size, nameof(StepSize)) : null; }

    /// <summary>How far beyond a boundary to go (ρ), as a share of ε; 0 or above, by default 0.05.</summary>
    public double Overshoot { get; init => field = Require.NotNegative(value, nameof(Overshoot)); } = 0.05;

    /// <summary>How many classes, the label among them, are looked at for the nearest boundary: at least 2; by default (null) all. The lite version takes 4.</summary>
    public int? TopClasses { get; init => field = value is { } count ? Require.AtLeast(count, 2, nameof(TopClasses)) : null; }

    /// <summary>How many members a step goes through, at least 1, in turn; by default (null) all. For ensembles with very many members.</summary>
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
            var end = Climb(left, restart);
            var share = ArcAscent.Share(left, end, left.Goal);
            var better = share >= bestShare[0];
            best.Move(where(Norm.PerExample(better, end), end, best.Points));
            bestShare[0] = maximum(share, bestShare[0]);
            bestShare.Keep(best.RetireWhere(bestShare[0] >= ArcAscent.All));
        }

        run.Step((long)Restarts * Steps, (long)Restarts * Steps);
        return best.Results().MoveToOuterDisposeScope();
    }

    private Tensor Climb(AttackRun run, int restart)
    {
        var x = run.Original;
        using var climb = new ArcAscent(run, this, RandomStart ? Norm.RandomPoint(x, Epsilon, run.Random) : zeros_like(x));
        for (var step = 0; step < Steps && climb.Count > 0; step++)
        {
            run.Step((long)restart * Steps + step, (long)Restarts * Steps);
            climb.Advance(step);
        }

        return climb.Results();
    }
}
