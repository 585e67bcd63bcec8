using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Carlini and Wagner's attacks: the smallest perturbation (L0, L2 or L∞) that meets the goal, by Adam and a
/// search for the constant of each example.</summary>
/// <remarks>
/// L2: minimises ‖x′ − x‖² + c·max(0, κ − margin(x′)) over w with x′ = tanh(w) scaled to the bounds. The constant c of each example is multiplied
/// by ten until it succeeds, then bisected; the smallest success over all steps is kept. Examples whose loss stalls end a round early.
/// L∞: minimises Σ max(0, |x′ − x| − τ) + c·hinge; τ begins at the range of the bounds and shrinks to 0.9 of the largest change with each success,
/// until no c up to 20 succeeds; the paper starts c at 10⁻⁵ and has a learning rate of 0.005. L0: the L2 loss on the elements that may change;
/// each success freezes the elements that matter least, until no c up to 2·10⁶ succeeds. In both, c doubles where a round fails.
/// Distances in these sums are in units of the bounds' range: c has the same meaning in [0, 1], [−1, 1] and [0, 255].
/// An example without success keeps its original image. Source: Carlini and Wagner 2017, sections V and VI; differs: early stopping is
/// decided per example, not for the batch; L0 counts elements, not pixels; the L∞ result is moved to the boundary by bisection.
/// </remarks>
public sealed record CarliniWagner : Attack
{
    private const int Bisections = 8;

    /// <summary>The norm to keep small: L0, L2 (default) or L∞.</summary>
    public override Norm Norm
    {
        get;
        init => field = Require.NotNull(value, nameof(Norm)) == Norm.L0 || value == Norm.L2 || value == Norm.Linf
            ? value
            : throw new ArgumentException($"Norm must be L0, L2 or Linf for this attack; it is {value}.", nameof(Norm));
    } = Norm.L2;

    /// <summary>κ: the margin by which the goal must be met, 0 or above; by default 0.</summary>
    public double Confidence { get; init => field = Require.NotNegative(value, nameof(Confidence)); }

    /// <summary>The largest number of steps in a round, at least 1; by default 1000.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 1000;

    /// <summary>The number of constants to try for L2, at least 1; by default 9. L0 and L∞ continue until no constant succeeds.</summary>
    public int SearchSteps { get; init => field = Require.AtLeast(value, 1, nameof(SearchSteps)); } = 9;

    /// <summary>The first constant c, the weight of logits against distances in units of the range; above 0, by default 0.001.</summary>
    public double InitialConstant { get; init => field = Require.Positive(value, nameof(InitialConstant)); } = 1e-3;

    /// <summary>Adam's learning rate for w, which has no unit; above 0, by default 0.01.</summary>
    public double LearningRate { get; init => field = Require.Positive(value, nameof(LearningRate)); } = 0.01;

    /// <summary>
    /// Whether an example ends a round when its loss fell by less than 0.01 % over a tenth of the steps, or (L2) when it has
    /// no success yet and is, after the first tenth, within 0.2 % of its point with a tenth of the constant; on by default.
    /// </summary>
    public bool AbortEarly { get; init; } = true;

    /// <summary>
    /// Whether a success in L2 must reach the margin on every forward pass of a step, each model of <see cref="Surrogates"/> and
    /// each draw of <see cref="Eot"/>, and not only by their mean probabilities: the joint attack of Ge et al. 2020 ("Multi-8"). Off by
    /// default; with a single forward pass it makes no difference.
    /// </summary>
    public bool Unanimous { get; init; }

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Gradient;

    /// <inheritdoc/>
    public override int? GradientSteps => Steps;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Steps ? this with { Steps = MoreSteps(Steps, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        if (Norm == Norm.L2) return Smallest(run);
        if (Unanimous) throw new ArgumentException($"Unanimous needs Norm L2; Norm is {Norm}. Set Unanimous to false, or attack in L2.", nameof(Unanimous));
        using var scope = NewDisposeScope();
        if (Norm == Norm.L0) return new CarliniWagnerL0(run, this).Find().MoveToOuterDisposeScope();
        var found = new CarliniWagnerLinf(run, this).Find();
        return (Confidence > 0 ? found : BoundaryBisection.Shrink(run, run.Original, found, run.Goal, Norm, Bisections)).MoveToOuterDisposeScope();
    }

    private Tensor Smallest(AttackRun run) => new CarliniWagnerL2(Steps, SearchSteps, InitialConstant, LearningRate, AbortEarly)
        .Find(run, (points, goal) => Evaluate(run, points, goal));

    // The gain −max(0, κ − margin), as the mean over the forward passes; c times its gradient is added to the gradient of the distance.
    private (LossGradient Gain, Tensor Met) Evaluate(AttackRun run, Tensor points, Goal goal)
    {
        var evaluation = run.Model.ComputeGradient(points, logits => (goal.Margin(logits) - Confidence).clamp_max(0));
        return (evaluation, goal.IsMet(evaluation.Logits).logical_and(Unanimous ? evaluation.Loss >= 0 : goal.Margin(evaluation.Logits) >= Confidence));
    }
}
