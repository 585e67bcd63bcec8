using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>DeepFool: steps to the nearest boundary of the linearised model until the goal is met; a small perturbation in L2 or L∞.</summary>
/// <remarks>
/// Each step takes, over all classes k, the boundary with the smallest distance |z_k − z_y| / ‖∇(z_k − z_y)‖ (dual norm) and moves there;
/// x = clip(x₀ + (1 + overshoot)·Σ steps). Targeted: the boundary of the target and the best other class. An example that meets the goal is
/// finished. Source: Moosavi-Dezfooli, Fawzi and Frossard 2016, algorithm 2; differs: clips to the bounds, starts from the label, and after the first
/// step does not differentiate classes whose boundary was last at least four times as far as the nearest.
/// </remarks>
public sealed record DeepFool : Attack
{
    /// <summary>The norm to keep small: L2 (default) or L∞.</summary>
    public override Norm Norm { get; init => field = Norm.L2OrLinf(value, nameof(Norm)); } = Norm.L2;

    /// <summary>The largest number of steps, at least 1; by default 50.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 50;

    /// <summary>The distance to go beyond the boundary, as a share of the whole perturbation; 0 or above, by default 0.02.</summary>
    public double Overshoot { get; init => field = Require.NotNegative(value, nameof(Overshoot)); } = 0.02;

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
    /// <remarks>True: with gradients in bfloat16 it fooled 75 instead of 82 of 100 images of a TRADES network.</remarks>
    public override bool NeedsFloat32Gradients => true;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Steps ? this with { Steps = MoreSteps(Steps, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        using var scope = NewDisposeScope();
        using var active = new ActiveBatch(run, run.Original);
        using var boundaries = new NearestBoundaries(Norm, NearestClasses);
        var total = zeros_like(run.Original);
        for (var step = 0; step < Steps && active.Count > 0; step++)
        {
            run.Step(step, Steps);
            using var inner = NewDisposeScope();
            var (boundary, logits) = boundaries.Find(run.Model, active.Points, active.Goal);
            var sum = total;
            if (active.Retire(logits) is { } left)
            {
                boundaries.Keep(left);
                (boundary, sum) = (boundary.Select(left), total.index_select(0, left));
            }

            if (active.Count == 0) break;
            sum = sum + ToBoundary(boundary, run.Model.Bounds.Range).view(sum.shape);
            active.Move(run.Clip(active.Original + sum * (1 + Overshoot)));
            total.Dispose();
            total = sum.MoveToOuterDisposeScope();
        }
        run.Step(Steps, Steps);
        return active.Results().MoveToOuterDisposeScope();
    }

    // The step onto the boundary of the linearised model, and a little further: (N, D).
    private Tensor ToBoundary(LinearBoundary boundary, double range)
    {
        var distance = (boundary.Distance + 1e-4 * range).unsqueeze(1);
        return Norm == Norm.L2
            ? distance / (boundary.Size.unsqueeze(1) + 1e-8 / range) * boundary.Normal
            : distance * boundary.Normal.sign();
    }
}
