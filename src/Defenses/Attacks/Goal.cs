using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The goal of an attack for each example: a wrong class, a chosen class, or a custom goal.</summary>
/// <remarks>
/// Holds the class numbers without owning them.
/// A custom goal states when it is met and its margin. Attacks cross the boundary of the margin; <see cref="Loss.CrossEntropy"/> uses
/// <see cref="Classes"/>. <see cref="Loss.Dlr"/> is scaled for one class, and Jsma raises one class, so both accept only the goals of this library.
/// </remarks>
public abstract class Goal
{
    /// <summary>For custom goals, too.</summary>
    /// <param name="classes">(N,), int64. Not owned.</param>
    /// <exception cref="ArgumentNullException"><paramref name="classes"/> is null.</exception>
    protected Goal(Tensor classes) => Classes = Require.NotNull(classes, nameof(classes));

    /// <summary>The class numbers that define the goal, (N,) int64: the labels to avoid or the targets to reach.</summary>
    public Tensor Classes { get; }

    /// <summary>Whether <see cref="Classes"/> are targets to reach; false where they are labels to avoid.</summary>
    public abstract bool IsTargeted { get; }

    /// <summary>Untargeted: any class but the label. Labels: (N,), int64.</summary>
    public static Goal Avoid(Tensor labels) => new AvoidLabels(Require.NotNull(labels, nameof(labels)));

    /// <summary>Targeted: exactly the target class. Targets: (N,), int64.</summary>
    public static Goal Reach(Tensor targets) => new ReachTargets(Require.NotNull(targets, nameof(targets)));

    /// <summary>Targeted, as <see cref="Reach(Tensor)"/>, at targets that must differ from the labels.</summary>
    /// <param name="targets">(N,), int64.</param>
    /// <param name="labels">(N,), int64.</param>
    /// <exception cref="ArgumentException">A target is the label of its example.</exception>
    public static Goal Reach(Tensor targets, Tensor labels)
    {
        Require.NotNull(targets, nameof(targets));
        Require.Labels(labels, targets.shape[0], long.MaxValue, nameof(labels));
        using var scope = NewDisposeScope();
        var same = targets.eq(labels).nonzero();
        return same.shape[0] == 0 ? new ReachTargets(targets) : throw new ArgumentException(
            $"targets must differ from the labels; example {same[0].ToInt64()} has its own label as target. Leave it out or choose another class.",
            nameof(targets));
    }

    /// <summary>Whether each example's prediction meets the goal: (N, classes) → (N,) bool. The first of equal logits is the prediction.</summary>
    /// <remarks>Logits that hold NaN are no prediction: they are not recognized as the label and reach no target, as a judge counts them.</remarks>
    public abstract Tensor IsMet(Tensor logits);

    /// <summary>
    /// How far the logits are beyond the goal: (N, classes) → (N,), positive where it is met. Untargeted: the best other logit minus the
    /// label's; targeted: the target's minus the best other. Differentiable, and unchanged when a number is added to all logits.
    /// </summary>
    /// <remarks>Never NaN where a logit is infinite: ∞ − ∞ must not be computed. The goals of this library count ±∞ as ±10³⁰.</remarks>
    public abstract Tensor Margin(Tensor logits);

    /// <summary>The goal of some of the examples.</summary>
    /// <param name="indices">The indices of these examples, (M,) int64.</param>
    public abstract Goal Select(Tensor indices);

    /// <summary>The class whose lead is the margin, (N,): the target, or the class beyond the boundary to cross; null where there is no such class.</summary>
    internal virtual Tensor? Named => null;

    /// <summary>Whether any class besides the label meets the goal, so that attacks may cross the nearest boundary.</summary>
    /// <remarks>For other goals attacks cross the boundary of the margin.</remarks>
    internal virtual bool CrossesToAnyOther => false;

    /// <summary>Whether the goal is from another assembly, so that attacks know only its margin.</summary>
    internal bool IsForeign => Named is null && !CrossesToAnyOther;

    /// <summary>All tensors that the goal holds; by default the classes. Attacks that select from a goal dispose these.</summary>
    protected internal virtual IReadOnlyList<Tensor> Held => [Classes];

    /// <summary>The view on which the goal is decided: the model itself, unless the goal needs more than its logits.</summary>
    internal virtual ModelView Before(ModelView model) => model;

    /// <summary>The input of the decision: the logits, (…, N, classes), and further information about the images, (N, …).</summary>
    internal virtual Tensor Seen(Tensor images, Tensor logits) => logits.alias();

    /// <summary>The logits that losses compare: one for each distinct class, (N, classes) → (N, K), differentiable. By default the logits.</summary>
    /// <remarks>A goal that treats several classes as one can merge them here; the columns of <see cref="Classes"/> must keep their numbers.</remarks>
    public virtual Tensor Merged(Tensor logits) => Require.NotNull(logits, nameof(logits)).alias();

    /// <summary>The same, untargeted, across the boundary to a chosen class: (N,) int64.</summary>
    internal virtual Goal Through(Tensor towards) => new AvoidThrough(Classes, towards);

    /// <summary>Takes the goal's tensors out of the current scope; the caller that selected the goal disposes them.</summary>
    internal Goal DetachFromDisposeScope()
    {
        foreach (var held in Held) held.DetachFromDisposeScope();
        return this;
    }

    /// <summary>Disposes the goal's tensors.</summary>
    internal void DisposeTensors()
    {
        foreach (var held in Held) held.Dispose();
    }

    // The best logit of the other classes minus the logit of the goal's class: (N, classes) → (N,).
    private protected Tensor OtherMinusOwn(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var finite = FiniteLogits.Of(logits);
        var own = finite.gather(1, Classes.unsqueeze(1)).squeeze(1);
        return (OtherClasses.Of(finite, Classes).amax([1]) - own).MoveToOuterDisposeScope();
    }

    private protected Tensor Predicted(Tensor logits)
    {
        using var scope = NewDisposeScope();
        return logits.argmax(1).eq(Classes).logical_and(logits.isnan().any(1).logical_not()).MoveToOuterDisposeScope();
    }

    private sealed class AvoidLabels(Tensor labels) : Goal(labels)
    {
        public override bool IsTargeted => false;

        internal override bool CrossesToAnyOther => true;

        public override Tensor Margin(Tensor logits) => OtherMinusOwn(logits);

        public override Tensor IsMet(Tensor logits)
        {
            using var right = Predicted(logits);
            return right.logical_not();
        }

        public override Goal Select(Tensor indices) => new AvoidLabels(Classes.index_select(0, indices));

        public override string ToString() => "avoid the label";
    }

    private sealed class ReachTargets(Tensor targets) : Goal(targets)
    {
        public override bool IsTargeted => true;

        internal override Tensor? Named => Classes;

        public override Tensor Margin(Tensor logits)
        {
            using var lead = OtherMinusOwn(logits);
            return -lead;
        }

        public override Tensor IsMet(Tensor logits) => Predicted(logits);

        public override Goal Select(Tensor indices) => new ReachTargets(Classes.index_select(0, indices));

        public override string ToString() => "reach the target";
    }
}

/// <summary>Untargeted, across the boundary to one chosen class: met by any wrong class, with the chosen class's lead over the label as the margin.</summary>
/// <remarks>The targeted parts of AutoAttack and the trust region attack ascend its margin. Holds both class numbers,
/// (N,) int64, without owning them.</remarks>
internal sealed class AvoidThrough(Tensor labels, Tensor towards) : Goal(labels)
{
    private readonly Tensor _towards = towards;

    public override bool IsTargeted => false;

    internal override Tensor? Named => _towards;

    protected internal override IReadOnlyList<Tensor> Held => [Classes, _towards];

    public override Tensor IsMet(Tensor logits)
    {
        using var right = Predicted(logits);
        return right.logical_not();
    }

    public override Tensor Margin(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var pair = FiniteLogits.Of(logits.gather(1, stack([_towards, Classes], 1)));   // (N, 2)
        return (pair.select(1, 0) - pair.select(1, 1)).MoveToOuterDisposeScope();
    }

    public override Goal Select(Tensor indices) => new AvoidThrough(Classes.index_select(0, indices), _towards.index_select(0, indices));

    public override string ToString() => "avoid the label through a chosen class";
}
