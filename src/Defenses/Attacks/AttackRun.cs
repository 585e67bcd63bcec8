using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>One run of an attack: the model, images and goal, the random stream, the decisions, and the passes.</summary>
/// <remarks>
/// An attack that consists of other attacks runs them on its own run (<see cref="Perturb"/>), on a part of it
/// (<see cref="ActiveBatch.Remaining"/>), through a view (<see cref="Through"/>), on another model (<see cref="On"/>) or with another goal
/// (<see cref="Towards"/>); all of these count as one run. The run counts the passes of each example as long as every query contains all examples of the
/// batch, each equally often. An attack that queries only some of them uses an <see cref="ActiveBatch"/> or <see cref="Only"/>; otherwise
/// <see cref="AttackResult.QueriesPerExample"/> stays empty.
/// </remarks>
public sealed class AttackRun
{
    private readonly IProgress<AttackProgress>? _progress;
    private readonly int _decisionDraws;
    private readonly QueryTally? _tally;   // null where the passes of each example are not counted
    private readonly RunConstraint? _constraint;

    internal AttackRun(
        ModelView model, Tensor original, Goal goal, RandomSource random, int decisionDraws,
        IProgress<AttackProgress>? progress, CancellationToken cancellation, QueryTally? tally = null, RunConstraint? constraint = null)
    {
        (Model, Original, Goal, Random) = (model, original, goal, random);
        (_decisionDraws, _progress, Cancellation, _tally, _constraint) = (decisionDraws, progress, cancellation, tally, constraint);
        IsRandom = model.IsRandom;
    }

    /// <summary>The attacker's view of the model.</summary>
    public ModelView Model { get; }

    /// <summary>The constraint on the images; null for none. The model gets only images that satisfy it.</summary>
    public Constraint? Constraint => _constraint?.Source;

    /// <summary>The images to start from, (N, …).</summary>
    public Tensor Original { get; }

    /// <summary>The goal of each image.</summary>
    public Goal Goal { get; }

    /// <summary>The random stream of the attack.</summary>
    public RandomSource Random { get; }

    /// <summary>Whether the model is random.</summary>
    public bool IsRandom { get; }

    /// <summary>Points near which an attack may start, (N, …): the original of an example for which none is known.
    /// Null (default) where none is known at all.</summary>
    internal Tensor? Start { get; private init; }

    /// <summary>Stops the run when cancelled.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Runs another attack as a part of this run: the same model, examples, goal, stream and decisions.</summary>
    /// <param name="attack">The attack; its seed and its decision draws are not used.</param>
    /// <returns>Its adversarial examples, (N, …), a new tensor.</returns>
    public Tensor Perturb(Attack attack)
    {
        using var precision = Require.NotNull(attack, nameof(attack)).NeedsFloat32Gradients ? _tally?.Ledger.NeedFloat32() : null;
        return attack.Perturb(this);
    }

    /// <summary>The same run through a view of its model, such as an average over draws. The detectors of the goal stay in front of the view.</summary>
    /// <param name="view">Makes the view of a model.</param>
    /// <param name="decisionDraws">The draws that decide whether an example is finished, at least 1; by default (null) unchanged.</param>
    public AttackRun Through(Func<ModelView, ModelView> view, int? decisionDraws = null) =>
        With(Model.SeenThrough(Require.NotNull(view, nameof(view))), decisionDraws);

    /// <summary>The same run on another model, such as a surrogate of the attacker.</summary>
    /// <remarks>Passes of another model are not counted, unless it is a view of the attacked classifier.</remarks>
    /// <param name="model">The model, with the bounds and classes of the attacked one. Its layers draw from their own streams.</param>
    /// <param name="decisionDraws">The draws that decide whether an example is finished, at least 1; by default (null) unchanged.</param>
    public AttackRun On(ModelView model, int? decisionDraws = null) => With(Constrained(Goal.Before(Require.NotNull(model, nameof(model)))), decisionDraws);

    /// <summary>The same run with another goal for its examples.</summary>
    public AttackRun Towards(Goal goal) => Of(Original, Require.NotNull(goal, nameof(goal)));

    /// <summary>States that only some rows of the batch are queried until the result is disposed.</summary>
    /// <param name="rows">The numbers of these rows in the present batch, (M,) int64.</param>
    /// <param name="of">The number of rows of the present batch.</param>
    /// <returns>Ends the statement when disposed; null where passes are not counted.</returns>
    public IDisposable? Only(Tensor rows, long of)
    {
        Require.NotNull(rows, nameof(rows));
        var batch = Enter(of);
        batch?.Keep(rows);
        return batch;
    }

    /// <summary>States that the attack cannot attempt some examples, such as those without a start: they keep their original image.</summary>
    /// <remarks>Replaces what was stated before. <see cref="AttackResult.NotAttempted"/> names the examples; they prove no robustness.</remarks>
    /// <param name="rows">The numbers of these examples among those of the run, (M,) int64.</param>
    public void LeaveOut(Tensor rows) => LeftOut = Require.NotNull(rows, nameof(rows)).cpu().data<long>().ToArray();

    /// <summary>The numbers of the examples that the attack did not attempt, as it stated.</summary>
    internal IReadOnlyList<long> LeftOut { get; set; } = [];

    /// <summary>Begins a batch of the present examples, from which examples can be removed; null where passes are not counted.</summary>
    internal QueryLedger.Batch? Enter(long rows) => _tally?.Ledger.Enter(rows);

    /// <summary>The run of some examples, those of the present batch, on the same model.</summary>
    internal AttackRun Of(Tensor original, Goal goal) => new(Model, original, goal, Random, _decisionDraws, _progress, Cancellation, _tally, _constraint);

    /// <summary>The same run with points to start from, (N, …). Only attacks that start from one point of the ball use them.</summary>
    internal AttackRun From(Tensor start) =>
        new(Model, Original, Goal, Random, _decisionDraws, _progress, Cancellation, _tally, _constraint) { Start = start };

    /// <summary>The same run on the given view; the goal adds nothing to it.</summary>
    internal AttackRun With(ModelView view, int? decisionDraws = null)
    {
        var draws = decisionDraws is { } number ? Require.AtLeast(number, 1, nameof(decisionDraws)) : _decisionDraws;
        return new(_tally is null ? view : view.Bind(_tally.Beside), Original, Goal, Random, draws, _progress, Cancellation, _tally, _constraint);
    }

    /// <summary>Reports progress, and throws when the run is cancelled. Call it once in each step.</summary>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public void Step(long step, long steps)
    {
        Cancellation.ThrowIfCancellationRequested();
        _progress?.Report(new AttackProgress(step, steps));
    }

    /// <summary>Whether the goal is met, (N,) bool; on a random model by more than half of the attacker's fresh random draws.</summary>
    public Tensor IsMet(Tensor x, Goal goal)
    {
        using var scope = NewDisposeScope();
        return (Share(x, goal) > 0.5).MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="IsMet"/>, for the results of the whole run. An image that holds NaN is none, and meets no goal.</summary>
    /// <exception cref="InvalidOperationException">The network answers an original image with NaN.</exception>
    internal Tensor Decide(Tensor results)
    {
        using var scope = NewDisposeScope();
        var answers = Answers(results);
        this.RequireNumbers(answers);
        var numbers = results.flatten(1).isnan().any(1).logical_not();
        return (ShareOf(answers, Goal, results.dtype) > 0.5).logical_and(numbers).MoveToOuterDisposeScope();
    }

    /// <summary>The examples that met the goal in one pass and are confirmed, (N,) bool; on a random model by a majority of fresh draws.</summary>
    /// <param name="met">The examples that met the goal, (N,) bool.</param>
    /// <param name="x">The points, (N, …).</param>
    /// <param name="goal">Their goal.</param>
    /// <param name="isForward">Whether it was a forward pass; logits of a gradient pass may be rough and are confirmed by a forward pass (default).</param>
    internal Tensor Confirm(Tensor met, Tensor x, Goal goal, bool isForward = false)
    {
        using var scope = NewDisposeScope();
        if (!IsRandom && (isForward || !Model.HasRoughGradients)) return met.alias().MoveToOuterDisposeScope();
        var rows = met.nonzero().squeeze(1);
        if (rows.shape[0] == 0) return met.alias().MoveToOuterDisposeScope();
        using var only = Only(rows, met.shape[0]);
        return met.index_copy(0, rows, IsMet(x.index_select(0, rows), goal.Select(rows))).MoveToOuterDisposeScope();
    }

    /// <summary>The share of the attacker's fresh draws that meet the goal, (N,); 0 or 1 on a deterministic model.</summary>
    public Tensor Share(Tensor x, Goal goal)
    {
        using var scope = NewDisposeScope();
        return ShareOf(Answers(x), goal, x.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>Clips to the model's bounds, and with a constraint to its bounds and mask, but not onto its lattice, so that small steps add up.</summary>
    /// <param name="x">Points of the examples present, (N, …), or of several copies of them after one another.</param>
    public Tensor Clip(Tensor x) => _constraint is null ? x.clamp(Model.Bounds.Lower, Model.Bounds.Upper) : _constraint.Clip(x);

    /// <summary>The images that the model gets for points: clipped, and on the constraint's lattice. The results of the run are projected in the end.</summary>
    /// <param name="x">As for <see cref="Clip"/>.</param>
    public Tensor Project(Tensor x) => _constraint is null ? Clip(x) : _constraint.Project(x);

    /// <summary>As <see cref="Clip"/> under a constraint; without one the points themselves, for points that are within the model's bounds anyway.</summary>
    internal Tensor Within(Tensor x) => _constraint is null ? x : _constraint.Clip(x);

    /// <summary>Directions with 0 at the elements that must not change; the same tensor where all may change.</summary>
    internal Tensor Masked(Tensor direction) => _constraint is null ? direction : _constraint.Masked(direction);

    /// <summary>Directions with 0 at the elements that the constraint lets go no further that way; without a constraint the same tensor.</summary>
    internal Tensor Movable(Tensor x, Tensor direction) => _constraint is null ? direction : _constraint.Movable(x, direction);

    /// <summary>The smallest change of an element that the model can notice; 0 without a lattice.</summary>
    internal double Resolution => _constraint?.Step ?? 0;

    private ModelView Constrained(ModelView model) => _constraint is null ? model : _constraint.Before(model);

    // (draws, N, classes); one draw of a deterministic model.
    private Tensor Answers(Tensor x) => IsRandom ? Model.ComputeLogits(x, _decisionDraws) : Model.ComputeLogits(x).unsqueeze(0);

    private static Tensor ShareOf(Tensor answers, Goal goal, ScalarType dtype) =>
        stack(Enumerable.Range(0, (int)answers.shape[0]).Select(draw => goal.IsMet(answers.select(0, draw)).to_type(dtype)).ToArray()).mean([0]);
}
