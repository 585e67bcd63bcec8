using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The examples of a run that are still being attacked; those that are done leave the batch and keep their point.</summary>
/// <remarks>
/// Passes made while it is open count for the examples that are left. One batch at a time: open the next after this one is disposed, or within it.
/// </remarks>
public sealed class ActiveBatch : IDisposable
{
    private const int RowNumbers = 0, PointsNow = 1, Origins = 2;
    private readonly AttackRun _run;
    private readonly Tensor _results;
    private readonly PerExampleTensors _state;
    private readonly ActiveGoal _goal;
    private readonly QueryLedger.Batch? _batch;

    /// <summary>Begins with all examples of a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="start">Where they start, (N, …). Not owned.</param>
    /// <exception cref="ArgumentException">There is not one starting point for each image.</exception>
    public ActiveBatch(AttackRun run, Tensor start)
    {
        _run = Require.NotNull(run, nameof(run));
        if (!Require.NotNull(start, nameof(start)).shape.SequenceEqual(run.Original.shape))
            throw new ArgumentException(
                $"start must have the shape of the run's images, {Require.Shape(run.Original)}; it has {Require.Shape(start)}.", nameof(start));
        _results = start.clone().DetachFromDisposeScope();
        _state = new PerExampleTensors(
            arange(start.shape[0], dtype: ScalarType.Int64, device: start.device), start.alias(), run.Original.alias());
        _goal = new ActiveGoal(run.Goal);
        _batch = run.Enter(start.shape[0]);
    }

    /// <summary>How many are left.</summary>
    public long Count => _state[RowNumbers].shape[0];

    /// <summary>Where they are, (Count, …). Owned by the batch.</summary>
    public Tensor Points => _state[PointsNow];

    /// <summary>Where they come from, (Count, …). Owned by the batch.</summary>
    public Tensor Original => _state[Origins];

    /// <summary>What is wanted of them.</summary>
    public Goal Goal => _goal.Value;

    /// <summary>The run of those that are left, for other attacks. Valid until more of them leave.</summary>
    public AttackRun Remaining => _run.Of(Original, Goal);

    /// <summary>Takes the next points, (Count, …), and owns them from now on.</summary>
    public void Move(Tensor points) => _state[PointsNow] = Require.NotNull(points, nameof(points));

    /// <summary>
    /// Lets the examples that meet the goal leave (on a random model: those that a majority of fresh draws confirms). Returns the rows
    /// that stay, (left,) int64, for the caller to select from what else it holds, or null when nobody left.
    /// </summary>
    /// <param name="logits">The logits at the points, (Count, classes).</param>
    public Tensor? Retire(Tensor logits) => RetireMet(Goal.IsMet(logits));

    /// <summary>As <see cref="Retire"/>, for examples that met the goal in one look, (Count,) bool.</summary>
    public Tensor? RetireMet(Tensor met) => RetireWhere(_run.Confirm(met, Points, Goal));

    /// <summary>Lets the examples of a mask, (Count,) bool, leave; returns the rows that stay, (left,) int64, or null when nobody left.</summary>
    public Tensor? RetireWhere(Tensor done)
    {
        var leaving = Require.NotNull(done, nameof(done)).nonzero().squeeze(1);
        if (leaving.shape[0] == 0) return null;
        _results.index_copy_(0, _state[RowNumbers].index_select(0, leaving), Points.index_select(0, leaving));
        var left = done.logical_not().nonzero().squeeze(1);
        _state.Keep(left);
        _goal.Keep(left);
        _batch?.Keep(left);
        return left;
    }

    /// <summary>The points of all examples, (N, …), a tensor of its own: of those that left, where they were when they left.</summary>
    public Tensor Results()
    {
        if (Count > 0) _results.index_copy_(0, _state[RowNumbers], Points);
        return _results.clone();
    }

    /// <summary>Ends the batch and disposes what it holds.</summary>
    public void Dispose()
    {
        _results.Dispose();
        _state.Dispose();
        _goal.Dispose();
        _batch?.Dispose();
    }
}

/// <summary>The goal of the examples that are still in a batch. Owns the tensors of what it selects, never those of the goal it began with.</summary>
internal sealed class ActiveGoal(Goal goal) : IDisposable
{
    private readonly Goal _first = goal;

    /// <summary>What is wanted of them.</summary>
    internal Goal Value { get; private set; } = goal;

    /// <summary>Lets all but the given rows leave.</summary>
    internal void Keep(Tensor rows)
    {
        var kept = Value.Select(rows).DetachFromDisposeScope();
        Dispose();
        Value = kept;
    }

    /// <summary>Disposes what was selected.</summary>
    public void Dispose()
    {
        if (!ReferenceEquals(Value, _first)) Value.DisposeTensors();
    }
}

/// <summary>Tensors with a row per example that outlive the scopes of single steps, and that lose the rows of the examples that leave.</summary>
internal sealed class PerExampleTensors : IDisposable
{
    private readonly Tensor[] _tensors;

    /// <summary>Takes ownership of the tensors, each (N, …).</summary>
    internal PerExampleTensors(params Tensor[] tensors) => _tensors = [.. tensors.Select(tensor => tensor.DetachFromDisposeScope())];

    /// <summary>The tensor of a number; setting it disposes the one before.</summary>
    internal Tensor this[int number]
    {
        get => _tensors[number];
        set
        {
            if (ReferenceEquals(_tensors[number], value)) return;
            _tensors[number].Dispose();
            _tensors[number] = value.DetachFromDisposeScope();
        }
    }

    /// <summary>Lets all but the given rows leave; null keeps all.</summary>
    internal void Keep(Tensor? rows)
    {
        if (rows is null) return;
        for (var number = 0; number < _tensors.Length; number++) this[number] = _tensors[number].index_select(0, rows);
    }

    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        foreach (var tensor in _tensors) tensor.Dispose();
    }
}
