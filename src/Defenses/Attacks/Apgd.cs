using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Auto-PGD: projected ascent with momentum whose step size halves when the loss stops rising, for each example by itself.</summary>
/// <remarks>
/// Starts on the sphere of radius ε with steps of 2ε; after 22 % of the steps, and then at ever shorter intervals, an example whose
/// loss rose in at most 75 % of the steps, or whose best loss stands still, returns to its best point with half the step. Of the point
/// with the largest loss and the last that met the goal each example keeps the one that fresh draws find better.
/// Source: Croce and Hein 2020, algorithm 1; L2 and L∞.
/// </remarks>
/// <param name="Epsilon">The budget, in the units of the model's bounds and of the norm; above 0.</param>
public sealed record Apgd(double Epsilon) : Attack
{
    private const double Momentum = 0.25, RisingShare = 0.75;

    /// <summary>The budget, in the units of the model's bounds and of the norm; above 0.</summary>
    public double Epsilon { get; init => field = Require.Positive(value, nameof(Epsilon)); } = Require.Positive(Epsilon, nameof(Epsilon));

    /// <summary>The norm of the budget: L2 or (default) L∞.</summary>
    public override Norm Norm { get; init => field = Norm.L2OrLinf(value, nameof(Norm)); } = Norm.Linf;

    /// <summary>The loss to climb: cross-entropy (default), <see cref="Loss.Dlr"/> or <see cref="Loss.Margin"/>.</summary>
    public Loss Loss { get; init => field = Require.NotNull(value, nameof(Loss)); } = Loss.CrossEntropy;

    /// <summary>The number of steps, at least 1; by default 100.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 100;

    /// <summary>The number of starts, at least 1; by default 1.</summary>
    public int Restarts { get; init => field = Require.AtLeast(value, 1, nameof(Restarts)); } = 1;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run) =>
        BestOfRestarts.Find(run, Loss, Restarts, restart => Climb(run, restart * (long)Steps, Restarts * (long)Steps));

    private Tensor Climb(AttackRun run, long done, long total)
    {
        using var state = new ApgdState(run, Norm, Epsilon, Loss, Start(run));
        var (interval, sinceCheck) = (Math.Max(1, (int)(0.22 * Steps)), 0);
        for (var step = 0; step < Steps; step++)
        {
            run.Step(done + step, total);
            state.Advance(step == 0 ? 0 : Momentum);
            if (++sinceCheck < interval) continue;
            state.Check(sinceCheck * RisingShare);
            interval = Math.Max(interval - Math.Max(1, (int)(0.03 * Steps)), Math.Max(1, (int)(0.06 * Steps)));
            sinceCheck = 0;
        }
        run.Step(done + Steps, total);
        return BestOfRestarts.Find(run, Loss, 2, number => number == 0 ? state.LastMet : state.Best).MoveToOuterDisposeScope();
    }

    // On the sphere: the random direction scaled to size ε.
    private Tensor Start(AttackRun run)
    {
        var x = run.Original;
        var direction = Norm == Norm.L2 ? run.Random.Normal(x) : run.Random.Uniform(x).mul_(2).sub_(1);
        var size = Norm.PerExample(Norm.Size(direction), x);
        return run.Clip(x + direction / size * Epsilon);
    }
}
