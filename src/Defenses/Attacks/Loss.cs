using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The function that an attack ascends: from logits and goal, (N, classes) → (N,); larger nearer to the goal.</summary>
/// <remarks>
/// For custom losses, too. Instances are compared by reference and printed with the attack: keep one instance, and override
/// <see cref="object.ToString"/>.
/// </remarks>
public abstract class Loss
{
    /// <summary>For custom losses, too.</summary>
    protected Loss() { }

    /// <summary>Cross-entropy: of the label for an untargeted goal, minus that of the target for a targeted one.</summary>
    public static Loss CrossEntropy { get; } = new CrossEntropyLoss();

    /// <summary>The margin of logits beyond the goal, without hinge or confidence (Carlini and Wagner 2017, f₆).</summary>
    public static Loss Margin { get; } = new MarginLoss();

    /// <summary>The logit of the target, or minus the logit of the label to avoid. It does not saturate, and leads far beyond the boundary.</summary>
    /// <remarks>For targeted transfer. Source: Zhao, Liu and Larson 2021 (On success and simplicity), equation 5.</remarks>
    public static Loss Logit { get; } = new LogitLoss();

    /// <summary>The difference of logits ratio, invariant to shift and scale of the logits (Croce and Hein 2020, equations 4 and 5).</summary>
    /// <remarks>
    /// Untargeted: −(z_y − max_{j≠y} z_j) / (z₍₁₎ − z₍₃₎ + 10⁻¹²). Targeted: (z_t − max_{j≠t} z_j) / (z₍₁₎ − (z₍₃₎ + z₍₄₎)/2 + 10⁻¹²).
    /// Needs at least three classes (targeted: four), and a goal of <see cref="Goal.Avoid"/> or <see cref="Goal.Reach(Tensor)"/>, before detectors, too.
    /// </remarks>
    public static Loss Dlr { get; } = new DlrLoss();

    /// <summary>The loss of each example: (N, classes) → (N,), differentiable. An example's loss depends on its own row only.</summary>
    /// <remarks>A number also where a logit is infinite or all are large (±10⁴): a NaN loses against every number.</remarks>
    /// <param name="logits">(N, classes).</param>
    /// <param name="goal">The goal of the N examples. Compare <see cref="Goal.Merged"/> logits where classes are compared.</param>
    public abstract Tensor Value(Tensor logits, Goal goal);

    private sealed class CrossEntropyLoss : Loss
    {
        public override Tensor Value(Tensor logits, Goal goal)
        {
            using var scope = NewDisposeScope();
            var logProbability = FiniteLogits.Of(goal.Merged(logits)).log_softmax(-1).gather(1, goal.Classes.unsqueeze(1)).squeeze(1);
            return (goal.IsTargeted ? logProbability.alias() : -logProbability).MoveToOuterDisposeScope();
        }

        public override string ToString() => "cross-entropy";
    }

    private sealed class MarginLoss : Loss
    {
        public override Tensor Value(Tensor logits, Goal goal) => goal.Margin(logits);

        public override string ToString() => "margin";
    }

    private sealed class LogitLoss : Loss
    {
        public override Tensor Value(Tensor logits, Goal goal)
        {
            using var scope = NewDisposeScope();
            var logit = goal.Merged(logits).gather(1, goal.Classes.unsqueeze(1)).squeeze(1);
            return (goal.IsTargeted ? logit.alias() : -logit).MoveToOuterDisposeScope();
        }

        public override string ToString() => "logit";
    }

    private sealed class DlrLoss : Loss
    {
        public override Tensor Value(Tensor logits, Goal goal)
        {
            if (goal.IsForeign)
                throw new ArgumentException($"The DLR loss is scaled for one class to avoid or to reach; the goal is '{goal}'. Use Loss.Margin.", nameof(goal));
            var needed = goal.Named is not null ? 4 : 3;
            using var scope = NewDisposeScope();
            var merged = FiniteLogits.Of(goal.Merged(logits));
            if (merged.shape[1] < needed)
                throw new ArgumentException($"The DLR loss needs at least {needed} classes for this goal; the model has {merged.shape[1]}. Use Loss.Margin.");
            var (top, _) = merged.topk(needed, 1);
            var first = top.select(1, 0);
            var scale = goal.Named is not null ? first - (top.select(1, 2) + top.select(1, 3)) / 2 : first - top.select(1, 2);
            return (goal.Margin(logits) / (scale + 1e-12)).MoveToOuterDisposeScope();
        }

        public override string ToString() => "DLR";
    }
}
