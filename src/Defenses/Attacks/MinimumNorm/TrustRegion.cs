using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Trust region attack: steps to the linearised boundary of one class, within a radius in which the model is assumed to be linear.</summary>
/// <remarks>
/// The class is chosen once: the class with the nearest linearised boundary at the original. A step goes min(distance, radius) along the
/// steepest direction of the margin, plus 10⁻⁴ of the bounds' range, times 1.02. With <see cref="Adaptive"/> the radius grows by a fifth where the margin
/// gained more than 0.9 of the gain that its gradient predicted, and shrinks by a fifth where it gained less than half. An example that meets the goal
/// is finished. Source: Yao et al. 2019, section 3. Differs: the published code compares the new label's logit with the other class's old one,
/// and does not divide by the predicted gain; here the ratio is that of the paper, and the predicted gain leaves out the part that the bounds clip.
/// </remarks>
public sealed record TrustRegion : Attack
{
    private const double Growth = 1.2, GoodRatio = 0.9, BadRatio = 0.5, Beyond = 1e-4, Overshoot = 1.02;

    /// <summary>The norm to keep small: L2 (default) or L∞.</summary>
    public override Norm Norm { get; init => field = Norm.L2OrLinf(value, nameof(Norm)); } = Norm.L2;

    /// <summary>The largest number of steps, at least 1; by default 1000.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 1000;

    /// <summary>The radius at the start, in the units of the bounds, above 0; by default (null) 0.01 of their range for L2 and 0.001 for L∞.</summary>
    public double? Radius { get; init => field = value is { } radius ? Require.Positive(radius, nameof(Radius)) : null; }

    /// <summary>
    /// Whether the radius of each example follows the linearity of the model (default), between 0.0005 and 0.05 of the range for L2 and
    /// between 0.0001 and 0.01 for L∞; or stays constant.
    /// </summary>
    public bool Adaptive { get; init; } = true;

    /// <summary>
    /// How many other classes are looked at for the nearest boundary, those with the largest logits; at least 1. By default (null) all where the model has
    /// at most twenty classes, and ten where it has more: each costs a backward pass. Towards a single class it has no effect.
    /// </summary>
    public int? NearestClasses { get; init => field = value is { } count ? Require.AtLeast(count, 1, nameof(NearestClasses)) : null; }

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Gradient;

    /// <inheritdoc/>
    public override int? GradientSteps => Steps;

    /// <inheritdoc/>
    /// <remarks>True: radii follow the small differences between the margins of neighboring steps.</remarks>
    public override bool NeedsFloat32Gradients => true;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Steps ? this with { Steps = MoreSteps(Steps, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        using var scope = NewDisposeScope();
        var aimed = !run.Goal.CrossesToAnyOther ? run : run.Towards(ThroughNearest(run));
        using var active = new ActiveBatch(aimed, run.Original);
        using var state = new TrustState(run.Original, FirstRadius(run.Model.Bounds.Range));
        for (var step = 0; step < Steps && active.Count > 0; step++)
        {
            run.Step(step, Steps);
            using var inner = NewDisposeScope();
            var evaluation = run.Model.ComputeGradient(active.Points, active.Goal.Margin);
            var (gradient, margin) = (evaluation.Gradient, evaluation.Loss);
            if (active.Retire(evaluation.Logits) is { } left)
            {
                state.Keep(left);
                (gradient, margin) = (gradient.index_select(0, left), margin.index_select(0, left));
            }

            if (active.Count == 0) break;
            if (Adaptive && step > 0) state.Radii = Adapted(state, margin, run.Model.Bounds.Range);
            Move(run, active, state, gradient, margin);
        }

        run.Step(Steps, Steps);
        return active.Results().MoveToOuterDisposeScope();
    }

    private Goal ThroughNearest(AttackRun run) =>
        run.Goal.Through(LinearBoundary.Nearest(run.Model, run.Original, run.Goal, Norm, NearestClasses).Boundary.Class!);

    private void Move(AttackRun run, ActiveBatch active, TrustState state, Tensor gradient, Tensor margin)
    {
        var boundary = new LinearBoundary(margin, gradient.flatten(1), Norm, run.Model.Bounds.Range);
        var length = (minimum(boundary.Distance, state.Radii) + Beyond * run.Model.Bounds.Range) * Overshoot;
        var next = run.Clip(active.Points + Norm.SteepestDirection(gradient) * Norm.PerExample(length, gradient));
        state.PredictedGain = (boundary.Normal * (next - active.Points).flatten(1)).sum(1);
        state.LastMargin = margin;
        active.Move(next);
    }

    private Tensor Adapted(TrustState state, Tensor margin, double range)
    {
        var ratio = (margin - state.LastMargin) / state.PredictedGain.clamp_min(1e-12);
        var (radius, least, most) = (state.Radii, Norm == Norm.L2 ? 5e-4 : 1e-4, Norm == Norm.L2 ? 0.05 : 0.01);
        var adapted = where(ratio > GoodRatio, radius * Growth, where(ratio < BadRatio, radius / Growth, radius));
        // The limits always include the first radius.
        return adapted.clamp(Math.Min(least * range, FirstRadius(range)), Math.Max(most * range, FirstRadius(range)));
    }

    private double FirstRadius(double range) => Radius ?? range * (Norm == Norm.L2 ? 0.01 : 0.001);

    /// <summary>The state of the active examples, a row each.</summary>
    private sealed class TrustState : IDisposable
    {
        private readonly PerExampleTensors _tensors;

        internal TrustState(Tensor original, double radius)
        {
            var none = zeros([original.shape[0]], dtype: original.dtype, device: original.device);
            _tensors = new PerExampleTensors(none + radius, none.clone(), none.clone());
        }

        internal Tensor Radii { get => _tensors[0]; set => _tensors[0] = value; }

        internal Tensor LastMargin { get => _tensors[1]; set => _tensors[1] = value; }

        internal Tensor PredictedGain { get => _tensors[2]; set => _tensors[2] = value; }

        internal void Keep(Tensor? rows) => _tensors.Keep(rows);

        public void Dispose() => _tensors.Dispose();
    }
}
