using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>A goal in front of detectors: meets another goal and stays at or under the threshold of every detector.</summary>
/// <remarks>
/// The guarded model has one more class, "refused", with the logit max_k z_k + e. The excess e is Σ weight·max(0, score − threshold) where a
/// detector fires, and the largest weight·(score − threshold), at most 0, where no detector fires. So an image is refused exactly when a detector
/// fires. The margin of a goal that is not met is minus the sum of the hinges: the hinge of the classes and one weighted hinge of each detector.
/// Untargeted, a refusal counts as the label; towards a target, it is one more class to beat. Logits that are given to this goal have the refusal
/// in their last column; attacks and judges append it.
/// <para>
/// Attacks that follow gradients need the gradient of each score and throw where there is none. Attacks that use scores or decisions need no
/// gradient. A detector is evaluated once in a forward pass, for any number of draws of the model. Source: Carlini and Wagner 2017 (Adversarial
/// examples are not easily detected, the refusing class); Carlini and Wagner 2017 (MagNet, hinges).
/// </para>
/// </remarks>
public sealed class EvadeDetectors : Goal
{
    private readonly Goal _goal;

    /// <summary>A goal that must be met undetected.</summary>
    /// <param name="goal">The goal of the classes: <see cref="Goal.Avoid"/> or <see cref="Goal.Reach(Tensor)"/>.</param>
    /// <param name="limits">The detectors, at least one.</param>
    public EvadeDetectors(Goal goal, params IReadOnlyList<DetectorLimit> limits) : base(Require.NotNull(goal, nameof(goal)).Classes)
    {
        _goal = goal is not EvadeDetectors
            ? goal
            : throw new ArgumentException("goal must not be an EvadeDetectors goal itself. Give all detectors to one goal.", nameof(goal));
        Limits = [.. Require.NotEmpty(limits, nameof(limits))];
        if (Limits.Any(limit => limit is null)) throw new ArgumentException("limits must not contain null.", nameof(limits));
    }

    /// <summary>The detectors with their thresholds.</summary>
    public IReadOnlyList<DetectorLimit> Limits { get; }

    /// <inheritdoc/>
    public override bool IsTargeted => _goal.IsTargeted;

    internal override Tensor? Named => _goal.Named;

    internal override bool CrossesToAnyOther => _goal.CrossesToAnyOther;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<Tensor> Held => _goal.Held;

    /// <summary>Whether each prediction meets the goal without a refusal: (N, classes + 1) → (N,) bool.</summary>
    public override Tensor IsMet(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var (classes, refusal) = Split(logits);
        var undetected = refusal.squeeze(1) <= classes.amax([1]);
        return _goal.IsMet(classes).logical_and(undetected).MoveToOuterDisposeScope();
    }

    /// <summary>The margin of the goal with the refusal counted: (N, classes + 1) → (N,), above 0 where it is met.</summary>
    public override Tensor Margin(Tensor logits)
    {
        using var scope = NewDisposeScope();
        return _goal.Margin(Merged(logits)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Goal Select(Tensor indices) => new EvadeDetectors(_goal.Select(indices), Limits);

    /// <inheritdoc/>
    public override string ToString() => $"{_goal}, unseen by {Limits.Count} detector{(Limits.Count == 1 ? "" : "s")}";

    internal override ModelView Before(ModelView model) => new RejectionView(model, Limits);

    internal override Tensor Seen(Tensor images, Tensor logits)
    {
        using var scope = NewDisposeScope();
        return RejectionLogit.Append(logits, RejectionLogit.Excess(Limits, images)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Merged(Tensor logits)
    {
        if (IsTargeted) return logits.alias();
        using var scope = NewDisposeScope();
        var (classes, refusal) = Split(logits);
        var label = Classes.unsqueeze(1);
        return classes.scatter(1, label, maximum(classes.gather(1, label), refusal)).MoveToOuterDisposeScope();
    }

    internal override Goal Through(Tensor towards) => new EvadeDetectors(_goal.Through(towards), Limits);

    private static (Tensor Classes, Tensor Refusal) Split(Tensor logits)
    {
        var last = logits.shape[1] - 1;
        return (logits.narrow(1, 0, last), logits.narrow(1, last, 1));
    }
}
