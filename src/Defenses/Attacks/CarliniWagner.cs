using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Carlini and Wagner's attacks: the smallest perturbation (L0, L2 or L∞) that meets the goal, by Adam and a search for the constant of each example.</summary>
/// <remarks>
/// L2: minimises ‖x′ − x‖² + c·max(0, κ − margin(x′)) over w with x′ = tanh(w) scaled to the bounds. The constant c of each example is multiplied
/// by ten until it succeeds, then bisected; the smallest success over all steps is kept. Examples whose loss stalls leave a round early.
/// L∞: minimises Σ max(0, |x′ − x| − τ) + c·hinge; τ begins at the range of the bounds and shrinks to 0.9 of the largest change with each success,
/// until no c up to 20 succeeds; the paper starts c at 10⁻⁵ and has a learning rate of 0.005. L0: the L2 loss on the elements that may change;
/// each success freezes those that matter least, until no c up to 2·10⁶ succeeds. In both, c doubles where a round fails.
/// Examples that never succeed keep their original image. Source: Carlini and Wagner 2017, sections V and VI; differs: early stopping is
/// decided per example, not for the batch; L0 counts elements, not pixels; the L∞ result is brought to the boundary by bisection.
/// </remarks>
public sealed record CarliniWagner : Attack
{
    private const int Bisections = 8;

    /// <summary>The norm that is kept small: L0, L2 (default) or L∞.</summary>
    public override Norm Norm
    {
        get;
        init => field = Require.NotNull(value, nameof(Norm)) != Norm.L1 ? value : throw new ArgumentException("Norm must be L0, L2 or Linf for this attack; it is L1.", nameof(Norm));
    } = Norm.L2;

    /// <summary>κ: the margin by which the goal must be met, 0 or above; by default 0.</summary>
    public double Confidence { get; init => field = Require.NotNegative(value, nameof(Confidence)); }

    /// <summary>The largest number of steps in a round, at least 1; by default 1000.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 1000;

    /// <summary>The number of constants tried for L2, at least 1; by default 9. L0 and L∞ go on until no constant succeeds.</summary>
    public int SearchSteps { get; init => field = Require.AtLeast(value, 1, nameof(SearchSteps)); } = 9;

    /// <summary>The first constant c, above 0; by default 0.001.</summary>
    public double InitialConstant { get; init => field = Require.Positive(value, nameof(InitialConstant)); } = 1e-3;

    /// <summary>Adam's learning rate, above 0; by default 0.01.</summary>
    public double LearningRate { get; init => field = Require.Positive(value, nameof(LearningRate)); } = 0.01;

    /// <summary>
    /// Whether an example leaves a round when its loss fell by less than 0.01 % over a tenth of the steps, or (L2) when it has never succeeded and after the first
    /// tenth is within 0.2 % of where it was with a tenth of the constant; on by default.
    /// </summary>
    public bool AbortEarly { get; init; } = true;

    /// <inheritdoc/>
    protected internal override Attack? WithMore(Effort effort, int factor) => effort == Effort.Steps ? this with { Steps = MoreSteps(Steps, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        if (Norm == Norm.L2) return SmallestL2(run);
        using var scope = NewDisposeScope();
        if (Norm == Norm.L0) return new L0Region(run, this).Find().MoveToOuterDisposeScope();
        var found = new LinfRegion(run, this).Find();
        return (Confidence > 0 ? found : Segment.Shrink(run, run.Original, found, run.Goal, Norm, Bisections)).MoveToOuterDisposeScope();
    }

    private Tensor SmallestL2(AttackRun run)
    {
        using var scope = NewDisposeScope();
        using var search = new ConstantSearch(run, InitialConstant);
        var total = (long)SearchSteps * Steps;
        for (var round = 0; round < SearchSteps; round++)
        {
            using var inner = NewDisposeScope();
            search.Begin(last: round == SearchSteps - 1 && SearchSteps >= 10);
            Minimise(run, search, round * (long)Steps, total);
            search.End();
        }
        run.Step(total, total);
        return search.Best.clone().MoveToOuterDisposeScope();
    }

    // One round of Adam from the original image.
    private void Minimise(AttackRun run, ConstantSearch search, long done, long total)
    {
        using var batch = new TanhAdam(run, search.Constants, LearningRate);
        Tensor? checkpoint = null;
        var tenth = Math.Max(1, Steps / 10);
        for (var step = 0; step < Steps && batch.Count > 0; step++)
        {
            run.Step(done + step, total);
            using var inner = NewDisposeScope();
            var goal = batch.Goal;
            var points = batch.Points();
            // Climbed: −max(0, κ − margin); its gradient times c joins that of the distance.
            var look = run.Model.ComputeGradient(points, logits => (goal.Margin(logits) - Confidence).clamp_max(0));
            var squared = batch.SquaredDistance(points);
            search.Offer(batch.Rows, points, squared, goal, look.Logits, Confidence);
            var loss = squared - batch.Constants * look.Loss;
            batch.Step(points, look.Gradient);
            if (!AbortEarly || step % tenth != 0) continue;
            if (checkpoint is not null)
            {
                var going = loss <= checkpoint * 0.9999;
                if (step == tenth) going = going.logical_and(search.Repeats(points, squared).logical_not());
                loss = Keep(batch, going.nonzero().squeeze(1), loss);
                checkpoint.Dispose();
            }
            checkpoint = loss.MoveToOuterDisposeScope();
        }
    }

    private static Tensor Keep(TanhAdam batch, Tensor rows, Tensor loss)
    {
        if (rows.shape[0] == batch.Count) return loss;
        batch.Keep(rows);
        return loss.index_select(0, rows);
    }
}
