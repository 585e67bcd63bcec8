using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Primal-dual proximal gradient descent (PDPGD): Adam on the margin, a proximal step on the norm, and a weight between the two that adapts.</summary>
/// <remarks>
/// Searches a saddle point of λ₀·‖r‖ + λ₁·softplus(−margin): smallest in the change r, largest in the weights λ, which sum to 1. A step of Adam
/// decreases the softplus; up to five proximal steps in Adam's metric decrease the norm within the bounds. ln(λ₁/λ₀) begins at ln 100, falls by θ after a
/// success and rises by θ after a failure, with θ from 0.1 to 0.01; the weights in use are running means. r is in shares of the range of the bounds. The
/// smallest success is kept, and moved to the boundary by a final search. Source: Matyasko and Chau 2021 (PDPGD), algorithm 1, with the constants of
/// adversarial-library. Differs: success is the prediction, decided by fresh draws on random models, and not the sign of the margin; no fine-tuning stage as in
/// the authors' code; 0/0 in the proximal steps counts as converged; the last point counts.
/// An example that meets the goal already is finished; an example without success keeps its original image.
/// </remarks>
public sealed record Pdpgd : Attack
{
    private const int FinalSearch = 10;
    private const double LastStepShare = 0.01;

    /// <summary>The norm to keep small: L1, L2 (default) or L∞.</summary>
    public override Norm Norm { get; init => field = Norm.L1L2OrLinf(value, nameof(Norm)); } = Norm.L2;

    /// <summary>The number of steps of a start, at least 1; by default 1000.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 1000;

    /// <summary>The number of starts, at least 1; by default 1. The first is at the original, the others are random.</summary>
    public int Restarts { get; init => field = Require.AtLeast(value, 1, nameof(Restarts)); } = 1;

    /// <summary>Adam's first step, as a share of the range of the bounds, above 0; it falls to a hundredth. By default 0.1.</summary>
    public double LearningRate { get; init => field = Require.Positive(value, nameof(LearningRate)); } = 0.1;

    /// <summary>Half the width of the uniform random start of restarts, as a share of the range of the bounds, from 0 to 1; by default 0.25.</summary>
    public double StartWidth { get; init => field = Require.Within(value, 0, 1, nameof(StartWidth)); } = 0.25;

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Gradient;

    /// <inheritdoc/>
    public override int? GradientSteps => Steps;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) => effort switch
    {
        AttackEffort.Steps => this with { Steps = MoreSteps(Steps, factor) },
        AttackEffort.Restarts => this with { Restarts = factor * Restarts },
        _ => null,
    };

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run) => SmallestSearch.Find(run, Norm, FinalSearch, (part, best) =>
    {
        for (var restart = 0; restart < Restarts; restart++) Search(part, best, restart);
    });

    private void Search(AttackRun run, SmallestAdversarials best, int restart)
    {
        using var scope = NewDisposeScope();
        var width = StartWidth * run.Model.Bounds.Range;
        var start = restart == 0 ? run.Original.clone() : run.Clip(run.Original + run.Random.Uniform(run.Original).mul_(2 * width).sub_(width));
        using var adam = new AdamDirection(run.Original);
        using var weights = new DualWeights(best.Sizes);
        using var state = new PerExampleTensors(start);
        for (var step = 0; step < Steps; step++)
        {
            run.Step((long)restart * Steps + step, (long)Restarts * Steps);
            using var inner = NewDisposeScope();
            var evaluation = run.Model.ComputeGradient(state[0], logits => (-best.Goal.Margin(logits)).softplus(1, 20).neg());
            var met = best.KeepSmaller(state[0], evaluation.Logits);
            weights.Update(met, (double)step / Math.Max(1, Steps - 1));
            state[0] = Next(run, adam, weights, state[0], evaluation.Gradient, LearningRate * Math.Pow(LastStepShare, (double)step / Steps));
        }

        best.KeepSmaller(state[0]);
        run.Step((long)(restart + 1) * Steps, (long)Restarts * Steps);
    }

    private Tensor Next(AttackRun run, AdamDirection adam, DualWeights weights, Tensor x, Tensor gradient, double rate)
    {
        var range = run.Model.Bounds.Range;
        var moved = Inside((x - run.Original) / range + adam.Next(gradient * range) * rate);
        return run.Clip(run.Original + ProximalSteps.Decrease(Norm, moved, adam.Deviation(), weights.Ratio * rate, Inside) * range);

        Tensor Inside(Tensor change) => (run.Clip(run.Original + change * range) - run.Original) / range;
    }
}

/// <summary>The weights of the norm and of the misclassification, which sum to 1, of each example.</summary>
internal sealed class DualWeights : IDisposable
{
    private const double FirstLogRatio = 4.605170, MostLogRatio = 13.815511, FirstRate = 0.1, LastRate = 0.01, Memory = 0.9;
    private readonly PerExampleTensors _state;   // the logarithm of the ratio, the running mean of the share of the misclassification

    internal DualWeights(Tensor like)
    {
        using var scope = NewDisposeScope();
        var logarithm = full_like(like, FirstLogRatio);
        _state = new PerExampleTensors(logarithm, logarithm.sigmoid());
    }

    /// <summary>The weight of the norm over that of the misclassification, (N,).</summary>
    internal Tensor Ratio => (1 - _state[1]) / _state[1];

    /// <summary>Raises the weight of the norm where an example meets the goal, and lowers it elsewhere.</summary>
    /// <param name="met">(N,) bool.</param>
    /// <param name="share">The share of the steps that are done, from 0 to 1.</param>
    internal void Update(Tensor met, double share)
    {
        using var scope = NewDisposeScope();
        var rate = FirstRate + (LastRate - FirstRate) * share;
        _state[0] = where(met, _state[0] - rate, _state[0] + rate).clamp_(-MostLogRatio, MostLogRatio);
        _state[1] = _state[1] * Memory + _state[0].sigmoid() * (1 - Memory);
    }

    /// <summary>Disposes the weights.</summary>
    public void Dispose() => _state.Dispose();
}
