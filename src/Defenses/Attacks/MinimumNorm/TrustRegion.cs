using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Trust region attack: steps to the linearised boundary of one class, no longer than a radius in which the model is trusted to be linear.</summary>
/// <remarks>
/// The class is chosen once, as the one with the nearest linearised boundary at the original. A step goes min(distance, radius) along the
/// steepest direction of the margin, plus 10⁻⁴, times 1.02. With <see cref="Adaptive"/> the radius grows by a fifth where the margin
/// gained more than 0.9 of what its gradient promised, and shrinks by a fifth where it gained less than half. Examples leave when they meet
/// the goal. Source: Yao et al. 2019, section 3. Differs: the published code compares the new label's logit with the other class's old one,
/// and does not divide by the promised gain; here the ratio is that of the paper, with what the bounds take away left out of the promise.
/// </remarks>
public sealed record TrustRegion : Attack
{
    private const double Growth = 1.2, GoodRatio = 0.9, BadRatio = 0.5, Beyond = 1e-4, Overshoot = 1.02;
    private const int Radii = 0, LastMargin = 1, Promised = 2;

    /// <summary>The norm that is kept small: L2 (default) or L∞.</summary>
    public override Norm Norm { get; init => field = Norm.L2OrLinf(value, nameof(Norm)); } = Norm.L2;

    /// <summary>The largest number of steps, at least 1; by default 1000.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 1000;

    /// <summary>The radius at the start, in the units of the bounds, above 0; by default (null) 0.01 of their range for L2 and 0.001 for L∞.</summary>
    public double? Radius { get; init => field = value is { } radius ? Require.Positive(radius, nameof(Radius)) : null; }

    /// <summary>
    /// Whether each example's radius follows how linear the model proves to be (default), between 0.0005 and 0.05 of the range for L2 and
    /// between 0.0001 and 0.01 for L∞; or stays as it is.
    /// </summary>
    public bool Adaptive { get; init; } = true;

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Gradient;

    /// <inheritdoc/>
    public override int? GradientSteps => Steps;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) => effort == AttackEffort.Steps ? this with { Steps = MoreSteps(Steps, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        using var scope = NewDisposeScope();
        var aimed = !run.Goal.CrossesToAnyOther ? run : run.Towards(ThroughNearest(run));
        using var active = new ActiveBatch(aimed, run.Original);
        var none = zeros([run.Original.shape[0]], dtype: run.Original.dtype, device: run.Original.device);
        using var state = new PerExampleTensors(none + FirstRadius(run.Model.Bounds.Range), none.clone(), none.clone());
        for (var step = 0; step < Steps && active.Count > 0; step++)
        {
            run.Step(step, Steps);
            using var inner = NewDisposeScope();
            var look = run.Model.ComputeGradient(active.Points, active.Goal.Margin);
            var (gradient, margin) = (look.Gradient, look.Loss);
            if (active.Retire(look.Logits) is { } left)
            {
                state.Keep(left);
                (gradient, margin) = (gradient.index_select(0, left), margin.index_select(0, left));
            }

            if (active.Count == 0) break;
            if (Adaptive && step > 0) state[Radii] = Adapted(state, margin, run.Model.Bounds.Range);
            Move(run, active, state, gradient, margin);
        }

        run.Step(Steps, Steps);
        return active.Results().MoveToOuterDisposeScope();
    }

    private Goal ThroughNearest(AttackRun run)
    {
        var (jacobian, logits) = run.Model.ComputeJacobian(run.Original, answers => LinearBoundary.Leads(answers, run.Goal));
        return run.Goal.Through(LinearBoundary.Nearest(jacobian, logits, run.Goal, Norm).Class!);
    }

    private void Move(AttackRun run, ActiveBatch active, PerExampleTensors state, Tensor gradient, Tensor margin)
    {
        var boundary = new LinearBoundary(margin, gradient.flatten(1), Norm);
        var length = (minimum(boundary.Distance, state[Radii]) + Beyond) * Overshoot;
        var next = run.Clip(active.Points + Norm.SteepestDirection(gradient) * Norm.PerExample(length, gradient));
        state[Promised] = (boundary.Normal * (next - active.Points).flatten(1)).sum(1);
        state[LastMargin] = margin;
        active.Move(next);
    }

    private Tensor Adapted(PerExampleTensors state, Tensor margin, double range)
    {
        var ratio = (margin - state[LastMargin]) / state[Promised].clamp_min(1e-12);
        var (radius, least, most) = (state[Radii], Norm == Norm.L2 ? 5e-4 : 1e-4, Norm == Norm.L2 ? 0.05 : 0.01);
        var adapted = where(ratio > GoodRatio, radius * Growth, where(ratio < BadRatio, radius / Growth, radius));
        // A first radius beyond the limits moves them.
        return adapted.clamp(Math.Min(least * range, FirstRadius(range)), Math.Max(most * range, FirstRadius(range)));
    }

    private double FirstRadius(double range) => Radius ?? range * (Norm == Norm.L2 ? 0.01 : 0.001);
}
