using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The examples of a run that are still being attacked; those that are done leave the batch and keep their point.</summary>
internal sealed class ActiveExamples : IDisposable
{
    private readonly AttackRun _run;
    private readonly Tensor _results;
    private Tensor _rows, _points, _original;

    internal ActiveExamples(AttackRun run, Tensor start)
    {
        _run = run;
        _results = start.clone().DetachFromDisposeScope();
        _points = start.alias().DetachFromDisposeScope();
        _original = run.Original.alias().DetachFromDisposeScope();
        _rows = arange(start.shape[0], dtype: ScalarType.Int64, device: start.device).DetachFromDisposeScope();
        Goal = run.Goal;
    }

    /// <summary>How many are left.</summary>
    internal long Count => _rows.shape[0];

    /// <summary>Where they are, (Count, …).</summary>
    internal Tensor Points => _points;

    /// <summary>Where they come from, (Count, …).</summary>
    internal Tensor Original => _original;

    /// <summary>What is wanted of them.</summary>
    internal Goal Goal { get; private set; }

    /// <summary>Takes the next points.</summary>
    internal void Move(Tensor points) => Put(ref _points, points);

    /// <summary>
    /// Lets the examples that meet the goal leave (on a random model: those that a majority of fresh draws confirms). Returns the rows
    /// that stay, for the caller to select from what else it holds, or null when nobody left.
    /// </summary>
    /// <param name="logits">The logits at the points, (Count, classes).</param>
    internal Tensor? Retire(Tensor logits)
    {
        var met = Goal.IsMet(logits);
        if (!met.any().ToBoolean()) return null;
        if (_run.IsRandom) met = met.logical_and(_run.IsMet(_points, Goal));
        return RetireWhere(met);
    }

    /// <summary>Lets the examples of a mask, (Count,) bool, leave; returns the rows that stay, or null when nobody left.</summary>
    internal Tensor? RetireWhere(Tensor met)
    {
        var done = met.nonzero().squeeze(1);
        if (done.shape[0] == 0) return null;
        _results.index_copy_(0, _rows.index_select(0, done), _points.index_select(0, done));
        var left = met.logical_not().nonzero().squeeze(1);
        Put(ref _rows, _rows.index_select(0, left));
        Put(ref _points, _points.index_select(0, left));
        Put(ref _original, _original.index_select(0, left));
        var goal = Goal.Select(left);
        goal.Classes.DetachFromDisposeScope();
        if (!ReferenceEquals(Goal, _run.Goal)) Goal.Classes.Dispose();
        Goal = goal;
        return left;
    }

    /// <summary>The points of all examples, (N, …): of those that left, where they met the goal.</summary>
    internal Tensor Results()
    {
        if (Count > 0) _results.index_copy_(0, _rows, _points);
        return _results.clone();
    }

    /// <summary>Disposes what the batch holds.</summary>
    public void Dispose()
    {
        _results.Dispose();
        _rows.Dispose();
        _points.Dispose();
        _original.Dispose();
        if (!ReferenceEquals(Goal, _run.Goal)) Goal.Classes.Dispose();
    }

    private static void Put(ref Tensor held, Tensor next)
    {
        held.Dispose();
        held = next.DetachFromDisposeScope();
    }
}
