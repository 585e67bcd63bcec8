using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Auto-PGD: projected ascent with step sizes that adapt to the progress of each example.</summary>
/// <remarks>
/// L2 and L∞: starts on the sphere of radius ε with steps of 2ε and momentum. After 22 % of the steps, and then at ever shorter intervals, an
/// example returns to its best point and halves its step if its loss rose in at most 75 % of the steps, or if its best loss did not rise.
/// L1: steps along the elements with the largest gradients, as many elements as the sparsity found so far suggests; 30 % of the steps within 3ε, 30 %
/// within 2ε, the rest within ε. The candidates of an example are the point with the largest loss and the last point that met the goal (in L1 also the
/// best point of the loss linearised there); the candidate that fresh draws find better is kept.
/// Source: Croce and Hein 2020, algorithm 1 (L2 and L∞); Croce and Hein 2021, Mind the box, algorithm 1 (L1).
/// </remarks>
/// <param name="Epsilon">The budget, in the units of the model's bounds and of the norm; above 0.</param>
public sealed record Apgd(double Epsilon) : BudgetAttack(Epsilon)
{
    /// <summary>The loss to maximise: cross-entropy (default), <see cref="Loss.Dlr"/> or <see cref="Loss.Margin"/>.</summary>
    public Loss Loss { get; init => field = Require.NotNull(value, nameof(Loss)); } = Loss.CrossEntropy;

    /// <summary>The number of steps, at least 1; by default 100.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 100;

    /// <summary>The number of starts, at least 1; by default 1.</summary>
    public int Restarts { get; init => field = Require.AtLeast(value, 1, nameof(Restarts)); } = 1;

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Gradient;

    /// <inheritdoc/>
    public override int? GradientSteps => Steps;

    /// <inheritdoc/>
    public override bool AscendsCrossEntropy => Loss == Loss.CrossEntropy;

    private protected override bool NeedsBudget => true;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) => effort switch
    {
        AttackEffort.Steps => this with { Steps = MoreSteps(Steps, factor) },
        AttackEffort.Restarts => this with { Restarts = factor * Restarts },
        _ => null,
    };

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run) => BestPerExample.Find(run, Loss, Restarts, restart =>
        Norm == Norm.L1 ? Sparse(run, restart) : Dense(run, restart));

    private Tensor Dense(AttackRun run, int restart)
    {
        var start = OnSphere(run);
        if (restart == 0) start = run.StartOr(start, known => run.Clip(run.Original + Norm.Project(known - run.Original, Epsilon)));
        using var ascent = new ApgdDense(run, Norm, Epsilon, Loss, Steps, start);
        Advance(run, ascent, Steps, restart * (long)Steps);
        return BestPerExample.Find(run, Loss, 2, number => number == 0 ? ascent.LastMet : ascent.Best);
    }

    // Larger budgets first: each ascent starts at the best point of the one before, projected.
    private Tensor Sparse(AttackRun run, int restart)
    {
        using var scope = NewDisposeScope();
        var (early, done) = ((int)(0.3 * Steps), restart * (long)Steps);
        var start = run.Original + run.Masked(run.Random.Normal(run.Original)) * run.Model.Bounds.Range;
        if (restart == 0) start = run.StartOr(start, known => known);
        for (var scale = 3; scale > 1 && early > 0; scale--, done += early)
        {
            using var ascent = Begin(scale * Epsilon, early, start);
            Advance(run, ascent, early, done);
            start = ascent.Best.clone();
        }

        using var last = Begin(Epsilon, Steps - 2 * early, start);
        Advance(run, last, Steps - 2 * early, done);
        return BestPerExample.Find(run, Loss, 3, number => number switch
        {
            0 => last.LastMet,
            1 => last.Best,
            _ => Norm.Ascend(run.Original, last.BestGradient, Epsilon, run.Model.Bounds),
        }).MoveToOuterDisposeScope();

        ApgdL1 Begin(double epsilon, int steps, Tensor from) =>
            new(run, epsilon, Loss, steps, L1Box.Nearest(from, run.Original, epsilon, run.Model.Bounds));
    }

    private void Advance(AttackRun run, ApgdState ascent, int steps, long done)
    {
        for (var step = 0; step < steps; step++)
        {
            run.Step(done + step, (long)Steps * Restarts);
            ascent.Advance();
        }
        run.Step(done + steps, (long)Steps * Restarts);
    }

    // A random direction, scaled to size ε.
    private Tensor OnSphere(AttackRun run)
    {
        var x = run.Original;
        var direction = run.Masked(Norm == Norm.L2 ? run.Random.Normal(x) : run.Random.Uniform(x).mul_(2).sub_(1));
        var size = Norm.PerExample(Norm.Size(direction), x);
        return run.Clip(x + direction / size * Epsilon);
    }
}
