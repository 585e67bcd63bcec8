using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The examples of a run that are still attacked. Finished examples are removed from the batch and keep their point.</summary>
/// <remarks>
/// Passes during its lifetime count for the active examples. One batch at a time: begin the next one after this one is disposed, or within it.
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
    /// <param name="start">The starting points, (N, …). Not owned.</param>
    /// <exception cref="ArgumentException">The starting points do not have the shape of the images.</exception>
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

    /// <summary>The number of active examples.</summary>
    public long Count => _state[RowNumbers].shape[0];

    /// <summary>The points of the active examples, (Count, …). Owned by the batch.</summary>
    public Tensor Points => _state[PointsNow];

    /// <summary>The original images of the active examples, (Count, …). Owned by the batch.</summary>
    public Tensor Original => _state[Origins];

    /// <summary>The goal of the active examples.</summary>
    public Goal Goal => _goal.Value;

    /// <summary>The run of the active examples, for other attacks. Valid until further examples finish.</summary>
    public AttackRun Remaining => _run.Of(Original, Goal);

    /// <summary>Sets the next points, (Count, …), and takes ownership of them.</summary>
    public void Move(Tensor points) => _state[PointsNow] = Require.NotNull(points, nameof(points));

    /// <summary>
    /// Removes the examples that meet the goal (on a random model: if a majority of fresh draws confirms it). Returns the rows
    /// that remain active, (active,) int64, for selecting from other tensors, or null when no example was removed.
    /// </summary>
    /// <param name="logits">The logits at the points, (Count, classes).</param>
    public Tensor? Retire(Tensor logits) => RetireMet(Goal.IsMet(logits));

    /// <summary>As <see cref="Retire"/>, for examples that met the goal in one forward pass, (Count,) bool.</summary>
    public Tensor? RetireMet(Tensor met) => RetireWhere(_run.Confirm(met, Points, Goal));

    /// <summary>Removes the examples of a mask, (Count,) bool. Returns the rows that remain active, (active,) int64,
    /// or null when no example was removed.</summary>
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

    /// <summary>The points of all examples, (N, …), a new tensor. A finished example has the point at which it finished.</summary>
    public Tensor Results()
    {
        if (Count > 0) _results.index_copy_(0, _state[RowNumbers], Points);
        return _results.clone();
    }

    /// <summary>Ends the batch and disposes its tensors.</summary>
    public void Dispose()
    {
        _results.Dispose();
        _state.Dispose();
        _goal.Dispose();
        _batch?.Dispose();
    }
}

/// <summary>The goal of the active examples of a batch. Owns the tensors of selected goals, but not those of the first goal.</summary>
internal sealed class ActiveGoal(Goal goal) : IDisposable
{
    private readonly Goal _first = goal;

    /// <summary>The goal of the active examples.</summary>
    internal Goal Value { get; private set; } = goal;

    /// <summary>Removes all but the given rows.</summary>
    internal void Keep(Tensor rows)
    {
        var kept = Value.Select(rows).DetachFromDisposeScope();
        Dispose();
        Value = kept;
    }

    /// <summary>Disposes the selected goal.</summary>
    public void Dispose()
    {
        if (!ReferenceEquals(Value, _first)) Value.DisposeTensors();
    }
}

/// <summary>Tensors with a row for each active example. They outlive the scopes of single steps.</summary>
internal sealed class PerExampleTensors : IDisposable
{
    private readonly Tensor[] _tensors;

    /// <summary>Takes ownership of the tensors, each (N, …).</summary>
    internal PerExampleTensors(params Tensor[] tensors) => _tensors = [.. tensors.Select(tensor => tensor.DetachFromDisposeScope())];

    /// <summary>The tensor with a number; setting it disposes the previous tensor.</summary>
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

    /// <summary>Removes all but the given rows; null keeps all.</summary>
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
