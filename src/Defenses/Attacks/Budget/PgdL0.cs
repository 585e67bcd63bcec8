using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Projected gradient descent in L0: at most ⌊ε⌋ elements change, each as far as the bounds allow.</summary>
/// <remarks>
/// x ← P(x + α·g/‖g‖₁) from a random image. P is the exact projection: of each element the gain δ² − (δ − δ′)² is computed, where δ is its change and
/// δ′ that change cut at the bounds; the ⌊ε⌋ elements with the largest gains keep δ′. The budget counts elements, as <see cref="Norm.L0"/> does: a
/// pixel of a colour image has three. An example is finished when an iterate meets the goal (on a random model by a majority of fresh draws); others
/// keep the iterate with the largest loss. Source: Croce and Hein 2019 (Sparse and imperceivable adversarial attacks, PGD₀). Differs: elements instead
/// of pixels, no more than ⌊ε⌋ of them where gains are equal, a step that follows the number of elements, and the last iterate is evaluated, too.
/// </remarks>
/// <param name="Epsilon">The largest number of elements that change, at least 1; a fraction is cut off.</param>
public sealed record PgdL0(double Epsilon) : BudgetAttack(Epsilon)
{
    private const double MeanMove = 0.6;   // with 784 elements this is the published step, 120000/255

    /// <summary>The norm of the budget: L0.</summary>
    public override Norm Norm { get; init => field = Norm.OnlyL0(value, nameof(Norm)); } = Norm.L0;

    /// <summary>The loss to maximise; by default cross-entropy.</summary>
    public Loss Loss { get; init => field = Require.NotNull(value, nameof(Loss)); } = Loss.CrossEntropy;

    /// <summary>The number of steps, at least 1; by default 100.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 100;

    /// <summary>α: the sum of the moves of all elements in a step before the projection, in the units of the bounds, above 0; by default (null) 0.6 of the
    /// range for each element of the image.</summary>
    public double? StepSize { get; init => field = value is { } size ? Require.Positive(size, nameof(StepSize)) : null; }

    /// <summary>The number of ascents, at least 1; by default 5. Finished examples take no further ones.</summary>
    public int Restarts { get; init => field = Require.AtLeast(value, 1, nameof(Restarts)); } = 5;

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Gradient;

    /// <inheritdoc/>
    public override int? GradientSteps => Steps;

    /// <inheritdoc/>
    public override bool AscendsCrossEntropy => Loss == Loss.CrossEntropy;

    private protected override bool NeedsBudget => true;

    /// <inheritdoc/>
    public override Attack WithDefaultStepSize() => this with { StepSize = null };

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) => effort switch
    {
        AttackEffort.Steps => this with { Steps = MoreSteps(Steps, factor) },
        AttackEffort.Restarts => this with { Restarts = factor * Restarts },
        _ => null,
    };

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        Require.AtLeast(Epsilon, 1, nameof(Epsilon));
        using var turns = new AttacksInTurn(run, Norm, Epsilon);
        turns.Begin();
        for (var restart = 0; restart < Restarts && turns.Count > 0; restart++)
        {
            using var scope = NewDisposeScope();
            turns.Try(left => Ascend(left, restart * (long)Steps));
        }

        run.Step((long)Steps * Restarts, (long)Steps * Restarts);
        return turns.Results();
    }

    private Tensor Ascend(AttackRun run, long done)
    {
        using var scope = NewDisposeScope();
        using var active = new ActiveBatch(run, Nearest(run, run.Original, run.Random.Uniform(run.Original) * run.Model.Bounds.Range + run.Model.Bounds.Lower));
        using var best = new PerExampleTensors(active.Points.clone(), full_like(active.Points.flatten(1).select(1, 0), double.NegativeInfinity));
        for (var step = 0; step <= Steps && active.Count > 0; step++)
        {
            run.Step(Math.Min(done + step, (long)Steps * Restarts), (long)Steps * Restarts);
            using var inner = NewDisposeScope();
            var found = run.Model.ComputeGradient(active.Points, logits => Loss.Value(logits, active.Goal));
            var loss = FiniteLogits.Comparable(found.Loss);
            var better = loss > best[1];
            best[0] = where(Norm.PerExample(better, active.Points), active.Points, best[0]);
            best[1] = where(better, loss, best[1]);
            var left = active.Retire(found.Logits);
            best.Keep(left);
            var gradient = left is null ? found.Gradient : found.Gradient.index_select(0, left);
            if (active.Count > 0) active.Move(step < Steps ? Advance(run, active, gradient) : best[0].clone());
        }

        return active.Results().MoveToOuterDisposeScope();
    }

    private Tensor Advance(AttackRun run, ActiveBatch active, Tensor gradient)
    {
        var slope = gradient.flatten(1);
        slope = slope / slope.abs().amax([1], keepdim: true).clamp_min(1e-38);   // its sum is a number
        var step = StepSize ?? MeanMove * slope.shape[1] * run.Model.Bounds.Range;
        var moves = slope / slope.abs().sum(1, keepdim: true).clamp_min(1e-38) * step;
        return Nearest(run, active.Original, active.Points + moves.view(active.Points.shape));
    }

    // The nearest points within the bounds at which at most ⌊ε⌋ elements differ from the original.
    private Tensor Nearest(AttackRun run, Tensor original, Tensor moved)
    {
        using var scope = NewDisposeScope();
        var within = run.Clip(moved);
        var (change, cut) = ((moved - original).flatten(1), (within - original).flatten(1));
        var gain = cut * (change * 2 - cut);
        var count = (int)Math.Min(Math.Floor(Epsilon), gain.shape[1]);
        var largest = gain.topk(count, 1).indexes;
        var kept = zeros_like(gain, dtype: ScalarType.Bool).scatter_(1, largest, ones_like(largest, dtype: ScalarType.Bool));
        return where(kept.view(original.shape), within, original).MoveToOuterDisposeScope();
    }
}
