using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Decoupled direction and norm (DDN): the direction from the gradient of a loss, the L2 size from the outcome of each step.</summary>
/// <remarks>
/// Every point lies on a sphere around the original; its radius shrinks by γ after a success and grows by γ after a failure. The step falls along a
/// cosine from the range of the bounds to a hundredth. Where the gradient is 0 the step goes in a random direction. The smallest success is kept, and moved
/// to the boundary by a final search. Source: Rony et al. 2019 (Decoupling direction and norm), algorithm 1. Differs: γ falls, too, to 0.001; the random
/// direction has the length of the step (the authors' code has normal numbers of any length); points are not rounded to 256 levels; the last point counts.
/// An example that meets the goal already is finished; an example without success keeps its original image.
/// </remarks>
public sealed record Ddn : Attack
{
    private const int FinalSearch = 10;
    private const double LastStepShare = 0.01, LastRadiusChange = 0.001;

    /// <summary>The norm to keep small: L2.</summary>
    public override Norm Norm { get; init => field = Norm.Only(Norm.L2, value, nameof(Norm)); } = Norm.L2;

    /// <summary>The number of steps, at least 1; by default 1000.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 1000;

    /// <summary>The loss to ascend; by default cross-entropy. <see cref="Loss.Margin"/> keeps its gradient where cross-entropy has none.</summary>
    public Loss Loss { get; init => field = Require.NotNull(value, nameof(Loss)); } = Loss.CrossEntropy;

    /// <summary>The first radius, in the units of the bounds, above 0; by default (null) their range.</summary>
    public double? Radius { get; init => field = value is { } radius ? Require.Positive(radius, nameof(Radius)) : null; }

    /// <summary>The share by which the radius changes in the first step (γ), above 0 and below 1; it falls to 0.001. By default 0.05.</summary>
    public double RadiusChange
    {
        get;
        init => field = value < 1 ? Require.Positive(value, nameof(RadiusChange)) : throw new ArgumentOutOfRangeException(
            nameof(RadiusChange), value, $"RadiusChange must lie above 0 and below 1; it is {value}.");
    } = 0.05;

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Gradient;

    /// <inheritdoc/>
    public override int? GradientSteps => Steps;

    /// <inheritdoc/>
    /// <remarks>True: with gradients in bfloat16 and 100 steps its changes of a TRADES network grew by 2 % on the average, in the median by 14 %.</remarks>
    public override bool NeedsFloat32Gradients => true;

    /// <inheritdoc/>
    public override bool AscendsCrossEntropy => Loss == Loss.CrossEntropy;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Steps ? this with { Steps = MoreSteps(Steps, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run) => SmallestSearch.Find(run, Norm, FinalSearch, Search);

    private void Search(AttackRun run, SmallestAdversarials best)
    {
        using var scope = NewDisposeScope();
        var (original, range) = (run.Original, run.Model.Bounds.Range);
        var most = SmallestSearch.LargestRadii(run, Norm);
        using var state = new PerExampleTensors(original.clone(), full_like(best.Sizes, Radius ?? range));   // points and radii
        for (var step = 0; step < Steps; step++)
        {
            run.Step(step, Steps);
            using var inner = NewDisposeScope();
            var evaluation = run.Model.ComputeGradient(state[0], logits => Loss.Value(logits, best.Goal));
            var met = best.KeepSmaller(state[0], evaluation.Logits);
            var gamma = SmallestSearch.Falling(RadiusChange, Math.Min(LastRadiusChange, RadiusChange), step, Steps);
            state[1] = minimum(where(met, state[1] * (1 - gamma), state[1] * (1 + gamma)), most);
            var move = Direction(run, evaluation.Gradient) * SmallestSearch.Falling(range, range * LastStepShare, step, Steps);
            var change = Norm.SteepestDirection(state[0] - original + move) * Norm.PerExample(state[1], original);
            state[0] = run.Clip(original + change);
        }

        best.KeepSmaller(state[0]);
        run.Step(Steps, Steps);
    }

    // The direction of the gradient, of length 1; random where the gradient is 0, among the elements that may change.
    private Tensor Direction(AttackRun run, Tensor gradient)
    {
        var direction = Norm.SteepestDirection(gradient);
        var still = direction.flatten(1).eq(0).all(1);
        return still.any().ToBoolean()
            ? where(Norm.PerExample(still, gradient), Norm.SteepestDirection(run.Masked(run.Random.Normal(gradient))), direction)
            : direction;
    }
}
