using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Boundary attack: a small L2 perturbation for who hears only decisions, by a random walk along the boundary towards the original.</summary>
/// <remarks>
/// From any point that meets the goal: a random step on the sphere around the original, then a step towards the original; taken if the goal
/// stays met. Both step sizes follow, example by example, how often the steps succeed: the walk wants half of the spherical steps to
/// succeed, and between a tenth and a quarter of the whole steps. Examples whose step towards the original has shrunk to nothing leave.
/// Source: Brendel, Rauber and Bethge 2018, algorithm 1 and section 2.3. Differs: nothing. On a random view a majority of fresh draws
/// decides about each step. Examples for which no starting point is found keep their original image.
/// </remarks>
public sealed record BoundaryAttack : Attack
{
    private const int Bisections = 10, CheckEvery = 5;

    /// <summary>The norm that is kept small: L2.</summary>
    public override Norm Norm
    {
        get;
        init => field = value == Norm.L2 ? value : throw new ArgumentException($"Norm must be L2 for this attack; it is {value}. Use HopSkipJump for Linf.", nameof(Norm));
    } = Norm.L2;

    /// <summary>The largest number of steps, at least 1; by default 25,000.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 25_000;

    /// <summary>The first spherical step (δ), as a share of the distance to the original; above 0, by default 0.01.</summary>
    public double SphericalStep { get; init => field = Require.Positive(value, nameof(SphericalStep)); } = 0.01;

    /// <summary>The first step towards the original (ε), as a share of the distance; above 0, by default 0.01.</summary>
    public double SourceStep { get; init => field = Require.Positive(value, nameof(SourceStep)); } = 0.01;

    /// <summary>The step towards the original below which an example is done, 0 or above; by default 10⁻⁷.</summary>
    public double Convergence { get; init => field = Require.NotNegative(value, nameof(Convergence)); } = 1e-7;

    /// <summary>How many random images, and then other images of the batch, are tried as a start; at least 1, by default 50.</summary>
    public int StartTries { get; init => field = Require.AtLeast(value, 1, nameof(StartTries)); } = 50;

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Decisions;

    /// <inheritdoc/>
    protected internal override Attack? WithMore(Effort effort, int factor) => effort == Effort.Steps ? this with { Steps = MoreSteps(Steps, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        using var scope = NewDisposeScope();
        run.Step(0, Steps);
        using var active = StartingPoints.Find(run, Norm, StartTries, Bisections);
        using var walk = new BoundarySteps(active.Points, SphericalStep, SourceStep);
        for (var step = 0; step < Steps && active.Count > 0; step++)
        {
            run.Step(step, Steps);
            using var inner = NewDisposeScope();
            var (x, original) = (active.Points, active.Original);
            var (onSphere, candidate) = walk.Propose(run, x, original);
            var met = run.IsMet(candidate, active.Goal);
            var nearer = met.logical_and(Norm.Size(candidate - original) < Norm.Size(x - original));
            active.Move(where(Norm.PerExample(nearer, x), candidate, x));
            walk.CountSteps(met);
            if (step % CheckEvery == 0) walk.CountSpherical(run.IsMet(onSphere, active.Goal));
            if (step % CheckEvery == 0) walk.Keep(active.RetireWhere(walk.SourceSteps < Convergence));
        }

        run.Step(Steps, Steps);
        return active.Results().MoveToOuterDisposeScope();
    }
}
