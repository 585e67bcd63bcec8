using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Keeps the steps along basis vectors that raise the loss; examples that meet the goal are finished.</summary>
internal sealed class BasisSearch : IDisposable
{
    private const int BestLoss = 0, Order = 1, Misses = 2;
    private readonly AttackRun _run;
    private readonly Loss _loss;
    private readonly SimBABasis _basis;
    private readonly Func<Tensor, Tensor, Tensor, int, Tensor> _move;
    private readonly ActiveBatch _active;
    private readonly PerExampleTensors _state;
    private readonly long _elements;
    private long _next;

    /// <summary>Begins at the originals of a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="loss">The loss that must rise.</param>
    /// <param name="basis">The basis.</param>
    /// <param name="move">The candidates from points, originals, vectors, and the way along them, 1 or −1.</param>
    internal BasisSearch(AttackRun run, Loss loss, SimBABasis basis, Func<Tensor, Tensor, Tensor, int, Tensor> move)
    {
        (_run, _loss, _basis, _move) = (run, loss, basis, move);
        _elements = run.Original.numel() / run.Original.shape[0];
        using var scope = NewDisposeScope();
        _active = new ActiveBatch(run, run.Original);
        var losses = full([run.Original.shape[0]], double.NegativeInfinity, dtype: run.Original.dtype, device: run.Original.device);
        _state = new PerExampleTensors(losses, Orders(), zeros_like(losses));
    }

    /// <summary>The number of active examples.</summary>
    internal long Count => _active.Count;

    /// <summary>Finishes the examples that meet the goal already.</summary>
    internal void Begin()
    {
        using var scope = NewDisposeScope();
        var logits = _run.Model.ComputeLogits(_active.Points);
        _state[BestLoss] = FiniteLogits.Comparable(_loss.Value(logits, _active.Goal));
        _state.Keep(_active.Retire(logits));
    }

    /// <summary>Tries the next vector of each example, forward, and backward where that does not raise the loss.</summary>
    internal void TryVector()
    {
        using var scope = NewDisposeScope();
        if (_next == _elements) (_state[Order], _next) = (Orders(), 0);
        var vectors = Vectors(_state[Order].select(1, _next++));
        if (_run.IsRandom) _state[BestLoss] = FiniteLogits.Comparable(_loss.Value(_run.Model.ComputeLogits(_active.Points), _active.Goal));
        var (better, met) = Try(vectors, 1, ones_like(_state[BestLoss], dtype: ScalarType.Bool));
        var (backward, metBackward) = Try(vectors, -1, better.logical_not());
        better = better.logical_or(backward);
        _state[Misses] = where(better, zeros_like(_state[Misses]), _state[Misses] + 1);
        _state.Keep(_active.RetireMet(met.logical_or(metBackward)));
        if (!_run.IsRandom && Count > 0) _state.Keep(_active.RetireWhere(_state[Misses] >= _elements));
    }

    /// <summary>The best points of all examples, (N, …).</summary>
    internal Tensor Results() => _active.Results();

    /// <summary>Disposes the tensors of the search.</summary>
    public void Dispose()
    {
        _active.Dispose();
        _state.Dispose();
    }

    // Moves the wanted examples whose candidate is better; returns which moved and which met the goal, (N,) bool each.
    private (Tensor Better, Tensor Met) Try(Tensor vectors, int way, Tensor wanted)
    {
        var points = _active.Points;
        var candidates = _move(points, _active.Original, vectors, way);
        var none = zeros_like(wanted);
        var rows = wanted.logical_and(candidates.ne(points).flatten(1).any(1)).nonzero().squeeze(1);
        if (rows.shape[0] == 0) return (none, none);
        using var only = _run.Only(rows, Count);
        var (tried, goal) = (candidates.index_select(0, rows), _active.Goal.Select(rows));
        var logits = _run.Model.ComputeLogits(tried);
        var value = FiniteLogits.Comparable(_loss.Value(logits, goal));
        var met = goal.IsMet(logits);
        var better = (value > _state[BestLoss].index_select(0, rows)).logical_or(met);
        var taken = none.index_copy(0, rows, better);
        _state[BestLoss] = where(taken, _state[BestLoss].index_copy(0, rows, value), _state[BestLoss]);
        _active.Move(where(Norm.PerExample(taken, points), candidates, points));
        return (taken, none.index_copy(0, rows, met));
    }

    // The numbers of the vectors in the order of each active example: (Count, D) int64. Elements that must not change come last.
    private Tensor Orders()
    {
        var points = _active.Points;
        var place = _run.Random.Uniform(points.flatten(1));
        if (_basis == SimBABasis.Pixels) return (place + 1 - _run.Masked(ones_like(points)).flatten(1)).argsort(1);
        var planes = SquareProposal.Planes(points);
        var (down, across) = (Relative(planes.shape[2]), Relative(planes.shape[3]));
        var frequency = maximum(down.unsqueeze(1), across.unsqueeze(0));
        var band = ((frequency - 0.25) * 8).floor().add_(1).clamp_min_(0).to_type(points.dtype);   // (H, W)
        return (place + band.expand([planes.shape[1], .. band.shape]).reshape(1, -1)).argsort(1);

        Tensor Relative(long length) => arange(length, dtype: ScalarType.Float64, device: points.device) / length;
    }

    private Tensor OneHot(Tensor numbers, Tensor like)
    {
        var places = numbers.unsqueeze(1);
        return zeros([like.shape[0], _elements], dtype: like.dtype, device: like.device)
            .scatter_(1, places, ones_like(places, dtype: like.dtype)).view(like.shape);
    }

    // The vectors with these numbers: (Count,) int64 → (Count, …).
    private Tensor Vectors(Tensor numbers)
    {
        var points = _active.Points;
        if (_basis == SimBABasis.Pixels) return OneHot(numbers, points);
        var planes = SquareProposal.Planes(points);
        var (channels, height, width) = (planes.shape[1], planes.shape[2], planes.shape[3]);
        var (row, column) = (numbers.remainder(height * width).div(width, RoundingMode.floor).to_type(ScalarType.Int64), numbers.remainder(width));
        var waves = CosineWaves.Rows(row, height, points.dtype).unsqueeze(2) * CosineWaves.Rows(column, width, points.dtype).unsqueeze(1);
        var channel = arange(channels, dtype: ScalarType.Int64, device: points.device).unsqueeze(0).eq(
            numbers.div(height * width, RoundingMode.floor).to_type(ScalarType.Int64).unsqueeze(1));
        return (waves.unsqueeze(1) * channel.to_type(points.dtype).unsqueeze(2).unsqueeze(3)).view(points.shape);
    }
}
