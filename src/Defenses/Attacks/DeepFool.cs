using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>DeepFool: steps to the nearest boundary of the linearised model until the goal is met; a small perturbation in L2 or L∞.</summary>
/// <remarks>
/// Each step takes, over all classes k, the boundary with the smallest distance |z_k − z_y| / ‖∇(z_k − z_y)‖ (dual norm) and moves there;
/// x = clip(x₀ + (1 + overshoot)·Σ steps). Targeted: the boundary of the target and the best other class. Examples that are done leave
/// the batch. Source: Moosavi-Dezfooli, Fawzi and Frossard 2016, algorithm 2; differs: clips to the bounds and starts from the label.
/// </remarks>
public sealed record DeepFool : Attack
{
    /// <summary>The norm that is kept small: L2 (default) or L∞.</summary>
    public override Norm Norm
    {
        get;
        init => field = value == Norm.L2 || value == Norm.Linf ? value : throw new ArgumentException($"Norm must be L2 or Linf; it is {value}.", nameof(Norm));
    } = Norm.L2;

    /// <summary>The largest number of steps, at least 1; by default 50.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 50;

    /// <summary>How far beyond the boundary to go, as a share of the whole perturbation; 0 or above, by default 0.02.</summary>
    public double Overshoot { get; init => field = Require.NotNegative(value, nameof(Overshoot)); } = 0.02;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        using var scope = NewDisposeScope();
        using var active = new ActiveExamples(run, run.Original);
        var total = zeros_like(run.Original);
        for (var step = 0; step < Steps && active.Count > 0; step++)
        {
            run.Step(step, Steps);
            using var inner = NewDisposeScope();
            var (jacobian, logits) = run.Model.ComputeJacobian(active.Points);
            var sum = total;
            if (active.Retire(logits) is { } left)
                (jacobian, logits, sum) = (jacobian.index_select(0, left), logits.index_select(0, left), total.index_select(0, left));
            if (active.Count == 0) break;
            sum = sum + ToBoundary(jacobian.flatten(2), logits, active.Goal).view(sum.shape);
            active.Move(run.Clip(active.Original + sum * (1 + Overshoot)));
            total.Dispose();
            total = sum.MoveToOuterDisposeScope();
        }
        run.Step(Steps, Steps);
        return active.Results().MoveToOuterDisposeScope();
    }

    // The step onto the nearest boundary of the linearised model: (N, classes, D), (N, classes) → (N, D).
    private Tensor ToBoundary(Tensor jacobian, Tensor logits, Goal goal)
    {
        var own = goal.Classes.unsqueeze(1);
        var ownGradient = jacobian.gather(1, own.unsqueeze(2).expand(-1, 1, jacobian.shape[2]));
        var gaps = logits.gather(1, own) - logits;                 // (N, classes): z_own − z_k
        var directions = jacobian - ownGradient;                   // ∇(z_k − z_own)
        if (goal.IsTargeted) (gaps, directions) = (-gaps, -directions);
        var sizes = Norm == Norm.L2 ? directions.norm(2) : directions.abs().sum(2);
        var distances = (gaps.abs() / (sizes + 1e-8)).scatter(1, own, full_like(own, double.PositiveInfinity, dtype: logits.dtype));
        // Untargeted: the nearest class. Targeted: the class to be beaten is the best other one.
        var chosen = goal.IsTargeted
            ? logits.scatter(1, own, full_like(own, double.NegativeInfinity, dtype: logits.dtype)).argmax(1, keepdim: true)
            : distances.argmin(1, keepdim: true);
        var distance = distances.gather(1, chosen) + 1e-4;
        var direction = directions.gather(1, chosen.unsqueeze(2).expand(-1, 1, jacobian.shape[2])).squeeze(1);
        return Norm == Norm.L2 ? distance / (sizes.gather(1, chosen) + 1e-8) * direction : distance * direction.sign();
    }
}
