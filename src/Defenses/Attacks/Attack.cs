using System.Globalization;
using System.Text;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>An adversary: an immutable set of options that can be run against any view of a model.</summary>
/// <remarks>
/// A run leaves the model as it was: modes, flags, gradients, streams and draws, also when it throws or is cancelled. Random
/// layers draw from the attack's stream meanwhile. Whether the adversarial examples fool the deployed model is for a judge to say.
/// </remarks>
public abstract record Attack
{
    /// <summary>The seed of the attack's stream; by default (null) unpredictable.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Fresh draws of a random model by which the attack decides whether an example is done; at least 1, by default 11.</summary>
    public int DecisionDraws { get; init => field = Require.AtLeast(value, 1, nameof(DecisionDraws)); } = 11;

    /// <summary>The norm in which <see cref="AttackResult.Size"/> is measured.</summary>
    public abstract Norm Norm { get; init; }

    /// <summary>What the attack asks of the model that it attacks. Checks compare attacks by it: say the most that yours asks.</summary>
    public abstract Knowledge Knowledge { get; }

    /// <summary>Steps that it takes along gradients; null (default) where it follows none, or has no such number.</summary>
    public virtual int? GradientSteps => null;

    /// <summary>Draws of a random model that the attack averages by itself for a gradient; by default 1. Those of the view come on top.</summary>
    public virtual int GradientDraws => 1;

    /// <summary>Whether every pixel of the result hangs on the rounding of the gradient, and on nothing random; by default false.</summary>
    /// <remarks>True for signs of gradients from a fixed start: then sums keep their usual order, so that results are those of other libraries.</remarks>
    public virtual bool IsRoundingSensitive => false;

    /// <summary>Whether it climbs cross-entropy and nothing else, so that it stands still where that has no gradient; by default false. A check asks.</summary>
    public virtual bool AscendsCrossEntropy => false;

    /// <summary>The attack with a step that follows its budget, where a fixed one could not cross a large budget; by default the attack as it is.</summary>
    public virtual Attack WithDefaultStepSize() => this;

    /// <summary>The same attack with more of one kind of effort and all else as it is: what a check sets against it.</summary>
    /// <remarks>Null (default) where it has no such effort to add.</remarks>
    /// <param name="effort">What it is given more of.</param>
    /// <param name="factor">How many times as much, at least 2. Of steps, ten at least.</param>
    protected internal virtual Attack? Strengthen(AttackEffort effort, int factor) => null;

    /// <summary>As <see cref="Strengthen"/>, for an attack that is made of others.</summary>
    /// <param name="effort">What it is given more of.</param>
    /// <param name="factor">How many times as much, at least 2.</param>
    /// <returns>The stronger attack, or null where it has no such effort to add.</returns>
    public Attack? WithMore(AttackEffort effort, int factor) => Strengthen(effort, Require.AtLeast(factor, 2, nameof(factor)));

    /// <summary>So many times the steps, ten at least: fewer are no climb.</summary>
    private protected static int MoreSteps(int steps, int factor) => Math.Max(factor * steps, 10);

    /// <summary>Looks for examples that are not recognised as their labels.</summary>
    /// <param name="model">The attacker's view of the model, in evaluation mode.</param>
    /// <param name="x">Images within the model's bounds, (N, …), floating point.</param>
    /// <param name="labels">Their classes, (N,), int64.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellation">Stops the run with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">An argument has a wrong shape, dtype, device or value.</exception>
    /// <exception cref="InvalidOperationException">The network is in training mode, does not give logits, or answers an image with NaN.</exception>
    public AttackResult Run(
        ModelView model, Tensor x, Tensor labels,
        IProgress<AttackProgress>? progress = null, CancellationToken cancellation = default) =>
        Run(model, x, labels, Goal.Avoid(Require.NotNull(labels, nameof(labels))), nameof(labels), progress, cancellation);

    /// <summary>Looks for examples that meet the goal.</summary>
    /// <param name="model">The attacker's view of the model, in evaluation mode.</param>
    /// <param name="x">Images within the model's bounds, (N, …), floating point.</param>
    /// <param name="goal">What is wanted of each.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellation">Stops the run with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">An argument has a wrong shape, dtype, device or value.</exception>
    /// <exception cref="InvalidOperationException">The network is in training mode, does not give logits, or answers an image with NaN.</exception>
    public AttackResult Run(
        ModelView model, Tensor x, Goal goal,
        IProgress<AttackProgress>? progress = null, CancellationToken cancellation = default) =>
        Run(model, x, Require.NotNull(goal, nameof(goal)).Classes, goal, nameof(goal), progress, cancellation);

    /// <summary>The adversarial examples of one run, a tensor of its own of the shape of the original, within the bounds.</summary>
    /// <param name="run">The run: model, images, goal and stream. Call its <see cref="AttackRun.Step"/> once a step.</param>
    protected internal abstract Tensor Perturb(AttackRun run);

    /// <summary>The adversarial examples alone, from a seed: for a training, which has checked images and labels and does not ask what they achieve.</summary>
    internal Tensor Craft(ModelView model, Tensor x, Goal goal, ulong seed, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        using var streams = model.LendStreams(seed);
        using var random = new RandomSource(Seeds.Combine(seed, nameof(Attack)));
        var run = new AttackRun(model, x.detach(), goal, random, DecisionDraws, null, cancellation);
        return Perturb(run).detach().MoveToOuterDisposeScope();
    }

    /// <summary>Prints the options; what follows from them is none.</summary>
    protected virtual bool PrintMembers(StringBuilder builder)
    {
        Require.NotNull(builder, nameof(builder)).Append(CultureInfo.InvariantCulture, $"Seed = {Seed}, DecisionDraws = {DecisionDraws}, Norm = {Norm}");
        return true;
    }

    private AttackResult Run(
        ModelView model, Tensor x, Tensor classes, Goal goal, string name, IProgress<AttackProgress>? progress, CancellationToken cancellation)
    {
        Require.NotNull(model, nameof(model)).RequireEvaluation();
        Require.Images(x, model.Bounds.Lower, model.Bounds.Upper, nameof(x));
        RequireDevice(model, x);
        cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        using var streams = model.LendStreams(Seed, exact: IsRoundingSensitive && !model.IsRandom);
        using var random = new RandomSource(Seed is { } seed ? Seeds.Combine(seed, nameof(Attack)) : null);
        var tally = new QueryLedger(x.shape[0], model.Tallies.Select(outer => outer.Ledger)).Count();
        var counted = model.Bind(tally);
        var run = new AttackRun(goal.Before(counted), x.detach(), goal, random, DecisionDraws, progress, cancellation, tally);
        var first = FirstLook(run, counted);
        Require.Labels(classes, x.shape[0], model.Classes, name);
        run.RequireNumbers(first);
        first.Dispose();
        tally.Ledger.Watch(run.RequireNumbers);
        var adversarial = Perturb(run);
        var met = run.Decide(adversarial);
        var size = Norm.Size(adversarial - x);
        return new AttackResult(
            adversarial.detach().MoveToOuterDisposeScope(), met.MoveToOuterDisposeScope(), size.detach().MoveToOuterDisposeScope(), tally.Total,
            tally.IsExact ? tally.PerExample() : []);
    }

    // At the first example: the model learns its classes, and a broken one is told before any work is done on it, whatever the attack asks first.
    private static Tensor FirstLook(AttackRun run, ModelView model)
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

/// <summary>What an attack can be given more of.</summary>
public enum AttackEffort
{
    /// <summary>Steps of a climb, candidates of a search, elements that may change one by one.</summary>
    Steps,

    /// <summary>Starts, of which the best counts.</summary>
    Restarts,

    /// <summary>Draws of a random model behind a gradient, where the attack averages by itself; the draws of a view are the view's.</summary>
    Draws,
}
