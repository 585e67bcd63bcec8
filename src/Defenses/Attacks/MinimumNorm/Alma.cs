using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>ALMA: the smallest change (L1 or L2) by an augmented Lagrangian with a penalty weight for each example.</summary>
/// <remarks>
/// Minimises ‖r‖ + P(y, ρ, μ) by RMSProp with momentum, where y = (10⁻⁴ − margin)/(z₍₁₎ − z₍₃₎) is below 0 on success and r is in shares of the range of
/// the bounds. P = μy + μρy² + ρ²y³/6 for y ≥ 0 and μy/(1 − ρy) below; μ follows ∂P/∂y, ρ grows by a fifth where ten steps without any success do not lower y.
/// The step is chosen so that the first has a given size, and falls to a hundredth after the first success. The smallest success is kept, and moved to the
/// boundary by a final search. Source: Rony et al. 2021 (Augmented Lagrangian adversarial attacks), algorithm 1, with the constants of adversarial-library.
/// Differs: the first step has its size before it is clipped, so that no search for it is needed; the tolerance makes targeted successes harder, too (in the
/// library easier); with two classes the margin is not divided; μ is updated after the step;
/// in L1 an element that would cross its original value stops there, or the slope of the norm would keep it oscillating.
/// An example that meets the goal already is finished; an example without success keeps its original image.
/// </remarks>
public sealed record Alma : Attack
{
    private const int FinalSearch = 10, CheckSteps = 10;
    private const double Memory = 0.9, LastStepShare = 0.01, Tolerance = 1e-4, Slower = 0.95, Growth = 1.2, LeastWeight = 1e-6, MostWeight = 1e12, Tiny = 1e-8;

    /// <summary>The norm to keep small: L1 or L2 (default).</summary>
    public override Norm Norm
    {
        get;
        init => field = Require.NotNull(value, nameof(Norm)) == Norm.L1 || value == Norm.L2
            ? value
            : throw new ArgumentException($"Norm must be L1 or L2 for this attack; it is {value}.", nameof(Norm));
    } = Norm.L2;

    /// <summary>The number of steps, at least 1; by default 1000.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 1000;

    /// <summary>The size of the first step in the norm, as a share of the range of the bounds, above 0; by default (null) 0.1 in L2 and 0.5 in L1.</summary>
    public double? FirstStep { get; init => field = value is { } size ? Require.Positive(size, nameof(FirstStep)) : null; }

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Gradient;

    /// <inheritdoc/>
    public override int? GradientSteps => Steps;

    /// <inheritdoc/>
    /// <remarks>True: with gradients in bfloat16 its changes of a TRADES network grew by 1 % (L2) and 7 % (L1) on the average.</remarks>
    public override bool NeedsFloat32Gradients => true;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Steps ? this with { Steps = MoreSteps(Steps, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run) => SmallestSearch.Find(run, Norm, FinalSearch, Search);

    private void Search(AttackRun run, SmallestAdversarials best)
    {
        using var scope = NewDisposeScope();
        using var penalty = new Penalty(best.Sizes);
        using var descent = new Descent(run.Original, best.Sizes);
        for (var step = 0; step < Steps; step++)
        {
            run.Step(step, Steps);
            using var inner = NewDisposeScope();
            var x = descent.Points;
            var evaluation = run.Model.ComputeGradient(x, logits => penalty.Value(Violation(logits, best.Goal)).neg());
            best.KeepSmaller(x, evaluation.Logits);
            var range = run.Model.Bounds.Range;
            var slope = evaluation.Gradient * -range;
            if (step == 0) descent.Begin(slope, Norm, FirstStep ?? (Norm == Norm.L1 ? 0.5 : 0.1), run);
            else slope = slope + SizeSlope((x - run.Original) / range);
            var next = run.Clip(x - descent.Next(slope, best.Sizes.isfinite(), step, Steps) * range);
            descent.Points = Norm == Norm.L1 ? where((next - run.Original) * (x - run.Original) < 0, run.Original, next) : next;
            penalty.Update(Violation(evaluation.Logits, best.Goal), best.Sizes.isfinite(), step);
        }

        best.KeepSmaller(descent.Points);
        run.Step(Steps, Steps);
    }

    private Tensor SizeSlope(Tensor change) => Norm == Norm.L1 ? change.sign() : Norm.L2.SteepestDirection(change);

    // y: below 0 where the margin is met by more than the tolerance.
    private static Tensor Violation(Tensor logits, Goal goal)
    {
        using var scope = NewDisposeScope();
        var missing = Tolerance - goal.Margin(logits);
        var merged = goal.Merged(logits);
        if (merged.shape[1] < 3) return missing.MoveToOuterDisposeScope();
        var (top, _) = merged.topk(3, 1);
        return (missing / (top.select(1, 0) - top.select(1, 2) + Tiny)).MoveToOuterDisposeScope();
    }

    /// <summary>The penalty with the weights μ and ρ of each example.</summary>
    private sealed class Penalty : IDisposable
    {
        private readonly PerExampleTensors _state;   // μ, ρ, and y at the last check

        internal Penalty(Tensor like) =>
            _state = new PerExampleTensors(ones_like(like), ones_like(like), full_like(like, double.PositiveInfinity));

        internal Tensor Value(Tensor y)
        {
            using var scope = NewDisposeScope();
            var (mu, rho, above, below) = (_state[0], _state[1], y.clamp_min(0), y.clamp_max(0));
            return (above * mu + mu * rho * above.square() + rho.square() * above.pow(3) / 6 + mu * below / (1 - rho * below)).MoveToOuterDisposeScope();
        }

        internal void Update(Tensor y, Tensor found, int step)
        {
            using var scope = NewDisposeScope();
            var (mu, rho) = (_state[0], _state[1]);
            var slope = where(y >= 0, mu + 2 * mu * rho * y + rho.square() * y.square() / 2, mu / (1 - rho * y.clamp_max(0)).square());
            if (step > 0) _state[0] = (mu * Memory + slope * (1 - Memory)).clamp_(LeastWeight, MostWeight);
            if ((step + 1) % CheckSteps != 0) return;
            _state[1] = where(found.logical_not().logical_and(y >= _state[2] * Slower), rho * Growth, rho);
            _state[2] = y.alias();
        }

        public void Dispose() => _state.Dispose();
    }

    /// <summary>RMSProp with momentum; the step of each example falls after its first success.</summary>
    private sealed class Descent : IDisposable
    {
        private const int Point = 0, Square = 1, Momentum = 2, Rate = 3, FirstSuccess = 4;
        private readonly PerExampleTensors _state;

        internal Descent(Tensor original, Tensor like) => _state = new PerExampleTensors(
            original.clone(), ones_like(original), zeros_like(original), zeros_like(like), full_like(like, double.PositiveInfinity));

        internal Tensor Points { get => _state[Point]; set => _state[Point] = value; }

        /// <summary>Chooses the rates so that the first step has the size; where the gradient is 0, along a random direction of the elements that may
        /// change.</summary>
        internal void Begin(Tensor slope, Norm norm, double size, AttackRun run)
        {
            using var scope = NewDisposeScope();
            var still = Norm.Linf.Size(slope) <= 0;
            if (still.any().ToBoolean())
                slope.copy_(where(Norm.PerExample(still, slope), Norm.L2.SteepestDirection(run.Masked(run.Random.Normal(slope))), slope));
            var step = slope / ((_state[Square] * Memory + slope.square() * (1 - Memory)).sqrt() + Tiny);
            _state[Rate] = size / norm.Size(step).clamp_min(Tiny);
        }

        /// <summary>The change of the next step, to be subtracted.</summary>
        internal Tensor Next(Tensor slope, Tensor found, int step, int steps)
        {
            using var scope = NewDisposeScope();
            _state[FirstSuccess] = where(found, _state[FirstSuccess].clamp_max(step), _state[FirstSuccess]);
            var since = where(found, (step - _state[FirstSuccess]) / (steps - _state[FirstSuccess]), zeros_like(_state[Rate]));
            var rate = _state[Rate] * (since * Math.Log(LastStepShare)).exp();
            _state[Square] = _state[Square] * Memory + slope.square() * (1 - Memory);
            _state[Momentum] = _state[Momentum] * Memory + slope / (_state[Square].sqrt() + Tiny);
            return (_state[Momentum] * Norm.PerExample(rate, slope)).MoveToOuterDisposeScope();
        }

        public void Dispose() => _state.Dispose();
    }
}
