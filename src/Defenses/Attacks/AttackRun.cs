using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>One run of an attack: what it attacks, its stream of chance, and how it decides.</summary>
public sealed class AttackRun
{
    private readonly IProgress<AttackProgress>? _progress;
    private readonly int _decisionDraws;

    internal AttackRun(
        ModelView model, Tensor original, Goal goal, RandomSource random, int decisionDraws,
        IProgress<AttackProgress>? progress, CancellationToken cancellation)
    {
        (Model, Original, Goal, Random) = (model, original, goal, random);
        (_decisionDraws, _progress, Cancellation) = (decisionDraws, progress, cancellation);
        IsRandom = model.IsRandom;
    }

    /// <summary>The attacker's view of the model.</summary>
    public ModelView Model { get; }

    /// <summary>The images to start from, (N, …).</summary>
    public Tensor Original { get; }

    /// <summary>What is wanted of each of them.</summary>
    public Goal Goal { get; }

    /// <summary>The attack's own stream.</summary>
    public RandomSource Random { get; }

    /// <summary>Whether the model draws fresh numbers.</summary>
    public bool IsRandom { get; }

    /// <summary>Stops the run when cancelled.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>The same run on another view of the same model, deciding by other draws if a number is given.</summary>
    internal AttackRun On(ModelView model, int? decisionDraws = null) =>
        new(model, Original, Goal, Random, decisionDraws ?? _decisionDraws, _progress, Cancellation);

    /// <summary>The same run with another goal.</summary>
    internal AttackRun Towards(Goal goal) => Of(Original, goal);

    /// <summary>The run of other examples on the same model.</summary>
    internal AttackRun Of(Tensor original, Goal goal) => new(Model, original, goal, Random, _decisionDraws, _progress, Cancellation);

    /// <summary>Reports progress, and throws when the run is cancelled. Call once a step.</summary>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public void Step(long step, long steps)
    {
        Cancellation.ThrowIfCancellationRequested();
        _progress?.Report(new AttackProgress(step, steps));
    }

    /// <summary>Whether the goal is met, (N,) bool; on a random model by more than half of the attacker's fresh draws.</summary>
    public Tensor IsMet(Tensor x, Goal goal)
    {
        using var scope = NewDisposeScope();
        return (Share(x, goal) > 0.5).MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="IsMet"/>, of the results of the whole run.</summary>
    /// <exception cref="InvalidOperationException">The network answers an original image with NaN.</exception>
    internal Tensor Decide(Tensor results)
    {
        using var scope = NewDisposeScope();
        var answers = Answers(results);
        RequireNumbers(answers);
        return (ShareOf(answers, Goal, results.dtype) > 0.5).MoveToOuterDisposeScope();
    }

    /// <summary>Which of the examples that met the goal in one look do so for good, (N,) bool; on a random model a majority of fresh draws decides.</summary>
    internal Tensor Confirm(Tensor met, Tensor x, Goal goal)
    {
        using var scope = NewDisposeScope();
        if (!IsRandom) return met.alias().MoveToOuterDisposeScope();
        var rows = met.nonzero().squeeze(1);
        if (rows.shape[0] == 0) return met.alias().MoveToOuterDisposeScope();
        using var batch = ExampleRows.Enter(met.shape[0]);
        batch?.Keep(rows);
        return met.index_copy(0, rows, IsMet(x.index_select(0, rows), goal.Select(rows))).MoveToOuterDisposeScope();
    }

    /// <summary>The share of the attacker's fresh draws that meet the goal, (N,); 0 or 1 on a deterministic model.</summary>
    public Tensor Share(Tensor x, Goal goal)
    {
        using var scope = NewDisposeScope();
        return ShareOf(Answers(x), goal, x.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>Into the model's bounds.</summary>
    public Tensor Clip(Tensor x) => x.clamp(Model.Bounds.Lower, Model.Bounds.Upper);

    // (draws, N, classes); one draw of a deterministic model.
    private Tensor Answers(Tensor x) => IsRandom ? Model.ComputeLogits(x, _decisionDraws) : Model.ComputeLogits(x).unsqueeze(0);

    private static Tensor ShareOf(Tensor answers, Goal goal, ScalarType dtype) =>
        stack(Enumerable.Range(0, (int)answers.shape[0]).Select(draw => goal.IsMet(answers.select(0, draw)).to_type(dtype)).ToArray()).mean([0]);

    /// <summary>Asks about the original images where answers hold NaN: an adversarial example may well break the arithmetic of a network; an image that was given may not.</summary>
    /// <exception cref="InvalidOperationException">The network answers an original image with NaN; the message says which.</exception>
    internal void RequireNumbers(Tensor answers)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        if (!answers.isnan().any().ToBoolean()) return;
        var rows = Model.ComputeLogits(Original).isnan().any(1).nonzero();
        if (rows.shape[0] == 0) return;
        throw new InvalidOperationException(
            $"The network gave NaN for {rows.shape[0]} of {Original.shape[0]} images, first for number {rows[0].ToInt64()}. Check its weights and its preprocessing.");
    }
}
