using System.Globalization;
using System.Text;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>An adversary: an immutable set of options that can be run against any view of a model.</summary>
/// <remarks>
/// A run restores the model: modes, flags, gradients, streams and draws, also when it throws or is cancelled. During the run random
/// layers draw from the attack's stream. Whether the adversarial examples fool the deployed model is decided by a judge.
/// </remarks>
public abstract record Attack
{
    /// <summary>The seed of the attack's stream; by default (null) unpredictable.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Fresh random draws of a random model that decide whether an example is finished; at least 1, by default 11.</summary>
    public int DecisionDraws { get; init => field = Require.AtLeast(value, 1, nameof(DecisionDraws)); } = 11;

    /// <summary>The norm in which <see cref="AttackResult.Size"/> is measured.</summary>
    public abstract Norm Norm { get; init; }

    /// <summary>The information that the attack takes from the attacked model. Checks compare attacks by it: a custom attack states all that it uses.</summary>
    public abstract Knowledge Knowledge { get; }

    /// <summary>The number of steps along gradients; null (default) for attacks without gradients or without a fixed number of steps.</summary>
    public virtual int? GradientSteps => null;

    /// <summary>The draws of a random model that the attack itself averages for a gradient; by default 1. The draws
    /// of the view are added by the view.</summary>
    public virtual int GradientDraws => 1;

    /// <summary>Whether the result is deterministic and depends on the rounding of the gradient in every pixel; by default false.</summary>
    /// <remarks>True for steps along gradient signs from a fixed start. Then sums keep their usual order, so that the
    /// results are those of other libraries.</remarks>
    public virtual bool IsRoundingSensitive => false;

    /// <summary>Whether the attack needs gradients in the number type of the weights, whatever <see cref="Classifier.GradientPrecision"/> says.</summary>
    /// <remarks>False by default. True where the attack succeeds on fewer images with gradients of two to three digits.</remarks>
    public virtual bool NeedsFloat32Gradients => false;

    /// <summary>Whether the attack ascends only cross-entropy, so that it makes no step where that has no gradient; by
    /// default false. A check uses this.</summary>
    public virtual bool AscendsCrossEntropy => false;

    /// <summary>The attack with a step size that follows its budget: a fixed step could not cross a large budget. By default the attack itself.</summary>
    public virtual Attack WithDefaultStepSize() => this;

    /// <summary>The same attack with more of one kind of effort and the same other options; a check compares the two.</summary>
    /// <remarks>Null (default) where the attack has no such effort.</remarks>
    /// <param name="effort">The kind of effort to raise.</param>
    /// <param name="factor">The factor, at least 2. The new number of steps is at least ten.</param>
    protected internal virtual Attack? Strengthen(AttackEffort effort, int factor) => null;

    /// <summary>As <see cref="Strengthen"/>, for an attack that consists of other attacks.</summary>
    /// <param name="effort">The kind of effort to raise.</param>
    /// <param name="factor">The factor, at least 2.</param>
    /// <returns>The stronger attack, or null where it has no such effort.</returns>
    public Attack? WithMore(AttackEffort effort, int factor) => Strengthen(effort, Require.AtLeast(factor, 2, nameof(factor)));

    /// <summary>The steps times a factor, at least ten: fewer steps are no ascent.</summary>
    private protected static int MoreSteps(int steps, int factor) => Math.Max(factor * steps, 10);

    /// <summary>Searches adversarial examples that are not recognized as their labels.</summary>
    /// <param name="model">The attacker's view of the model, in evaluation mode.</param>
    /// <param name="x">Images within the model's bounds, (N, …), floating point. Pixels beyond the bounds by rounding (10⁻⁵ of the range) are clipped
    /// first: the attack starts at the clipped images, and <see cref="AttackResult.Size"/> is measured from them.</param>
    /// <param name="labels">Their classes, (N,), int64.</param>
    /// <param name="progress">Reported to after each step.</param>
    /// <param name="cancellation">Stops the run with an <see cref="OperationCanceledException"/>.</param>
    /// <param name="constraint">The images that the attack may return; by default (null) all images within the bounds.</param>
    /// <exception cref="ArgumentException">An argument has a wrong shape, dtype, device or value.</exception>
    /// <exception cref="InvalidOperationException">The network is in training mode, does not give logits, or answers an image with NaN.</exception>
    public AttackResult Run(
        ModelView model, Tensor x, Tensor labels,
        IProgress<AttackProgress>? progress = null, CancellationToken cancellation = default, Constraint? constraint = null) =>
        Run(model, x, labels, Goal.Avoid(Require.NotNull(labels, nameof(labels))), nameof(labels), progress, cancellation, constraint);

    /// <summary>Searches adversarial examples that meet the goal.</summary>
    /// <param name="model">The attacker's view of the model, in evaluation mode.</param>
    /// <param name="x">Images within the model's bounds, (N, …), floating point; clipped as for labels.</param>
    /// <param name="goal">The goal of each example.</param>
    /// <param name="progress">Reported to after each step.</param>
    /// <param name="cancellation">Stops the run with an <see cref="OperationCanceledException"/>.</param>
    /// <param name="constraint">The images that the attack may return; by default (null) all images within the bounds.</param>
    /// <exception cref="ArgumentException">An argument has a wrong shape, dtype, device or value.</exception>
    /// <exception cref="InvalidOperationException">The network is in training mode, does not give logits, or answers an image with NaN.</exception>
    public AttackResult Run(
        ModelView model, Tensor x, Goal goal,
        IProgress<AttackProgress>? progress = null, CancellationToken cancellation = default, Constraint? constraint = null) =>
        Run(model, x, Require.NotNull(goal, nameof(goal)).Classes, goal, nameof(goal), progress, cancellation, constraint);

    /// <summary>The adversarial examples of one run: a new tensor in the shape of the original, within the bounds.</summary>
    /// <param name="run">The run: model, images, goal and random stream. Call its <see cref="AttackRun.Step"/> once in each step.</param>
    protected internal abstract Tensor Perturb(AttackRun run);

    /// <summary>The adversarial examples alone, from a seed. For training, which has checked images and labels and does not
    /// need the success of the attack.</summary>
    internal Tensor Craft(ModelView model, Tensor x, Goal goal, ulong seed, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        using var streams = model.LendStreams(seed);
        using var random = new RandomSource(Seeds.Combine(seed, nameof(Attack)));
        var tally = model.HasRoughGradients ? new QueryLedger(x.shape[0], []).Count() : null;   // for attacks that need the precision of the weights
        var counted = tally is null ? model : model.Bind(tally);
        var run = new AttackRun(counted, model.Bounds.Clip(x.detach()), goal, random, DecisionDraws, null, cancellation, tally);
        return run.Perturb(this).detach().MoveToOuterDisposeScope();
    }

    /// <summary>Prints the options, without properties that follow from them.</summary>
    protected virtual bool PrintMembers(StringBuilder builder)
    {
        Require.NotNull(builder, nameof(builder)).Append(CultureInfo.InvariantCulture, $"Seed = {Seed}, DecisionDraws = {DecisionDraws}, Norm = {Norm}");
        return true;
    }

    private AttackResult Run(
        ModelView model, Tensor x, Tensor classes, Goal goal, string name, IProgress<AttackProgress>? progress, CancellationToken cancellation,
        Constraint? constraint)
    {
        Require.NotNull(model, nameof(model)).RequireEvaluation();
        Require.Images(x, model.Bounds.Lower, model.Bounds.Upper, nameof(x));
        RequireDevice(model, x);
        cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        using var streams = model.LendStreams(Seed, exact: IsRoundingSensitive && !model.IsRandom);
        using var random = new RandomSource(Seed is { } seed ? Seeds.Combine(seed, nameof(Attack)) : null);
        var tally = new QueryLedger(x.shape[0], model.Tallies.Select(outer => outer.Ledger)).Count();
        using var precision = NeedsFloat32Gradients ? tally.Ledger.NeedFloat32() : null;
        var counted = model.Bind(tally);
        var images = model.Bounds.Clip(x.detach());
        using var bound = constraint is null ? null : Bound(constraint, images, model.Bounds, tally.Ledger);
        var seen = goal.Before(counted);
        var run = new AttackRun(
            bound?.Before(seen) ?? seen, bound?.Original ?? images, goal, random, DecisionDraws, progress, cancellation, tally, bound);
        var first = FirstPass(run, counted);
        Require.Labels(classes, x.shape[0], model.Classes, name);
        run.RequireNumbers(first);
        first.Dispose();
        tally.Ledger.Watch(run.RequireNumbers);
        var adversarial = (bound is null ? Perturb(run) : bound.Project(Perturb(run))).detach();
        var met = run.Decide(adversarial);
        var size = Norm.Size(adversarial - run.Original);
        return new AttackResult(
            adversarial.MoveToOuterDisposeScope(), met.MoveToOuterDisposeScope(), size.detach().MoveToOuterDisposeScope(), tally.Total,
            tally.IsExact ? tally.PerExample() : []) { NotAttempted = run.LeftOut, ReplacedGradients = tally.Ledger.Replaced };
    }

    private RunConstraint Bound(Constraint constraint, Tensor x, Bounds bounds, QueryLedger ledger) =>
        new(constraint, x, bounds, Norm, this is BudgetAttack budget ? budget.Epsilon : 0, ledger);

    // A forward pass of the first example: the model learns its number of classes, and a broken model is reported before any other work.
    private static Tensor FirstPass(AttackRun run, ModelView model)
    {
        using var first = zeros([1], dtype: ScalarType.Int64);
        using var only = run.Only(first, run.Original.shape[0]);
        return model.ComputeLogits(run.Original.narrow(0, 0, 1));
    }

    private static void RequireDevice(ModelView model, Tensor x)
    {
        var weight = model.Networks.SelectMany(network => network.parameters()).FirstOrDefault();
        if (weight is not null && weight.device_type != x.device_type)
            throw new ArgumentException(
                $"x must be on the device of the network; it is on {x.device}, the network on {weight.device}. Move one with .to(...).", nameof(x));
    }
}

/// <summary>A kind of effort of an attack.</summary>
public enum AttackEffort
{
    /// <summary>Steps of an ascent, candidates of a search, or elements that change one by one.</summary>
    Steps,

    /// <summary>Restarts; the best result counts.</summary>
    Restarts,

    /// <summary>Draws of a random model behind a gradient, of attacks that average themselves. The draws of a view are set on the view.</summary>
    Draws,
}
