using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Keeps the best candidate of each example; examples that meet the goal are finished.</summary>
internal sealed class RandomSearch : IDisposable
{
    private readonly AttackRun _run;
    private readonly Loss _loss;
    private readonly ActiveBatch _active;
    private readonly PerExampleTensors _best;

    internal RandomSearch(AttackRun run, Loss loss)
    {
        (_run, _loss) = (run, loss);
        _active = new ActiveBatch(run, run.Original);
        var none = full([run.Original.shape[0]], double.NegativeInfinity, dtype: run.Original.dtype, device: run.Original.device);
        _best = run.Start is { } known ? new PerExampleTensors(none, known.alias()) : new PerExampleTensors(none);
    }

    /// <summary>The number of active examples.</summary>
    internal long Count => _active.Count;

    private Tensor BestLoss { get => _best[0]; set => _best[0] = value; }

    /// <summary>Finishes the examples that meet the goal already, and moves the others to their first point, or to the point that the run knows
    /// (<see cref="AttackRun.Start"/>) where that is better.</summary>
    /// <param name="start">The first points of originals.</param>
    /// <param name="known">Moves known points into the budget around their originals; null: known points are not used.</param>
    internal void Begin(Func<Tensor, Tensor> start, Func<Tensor, Tensor, Tensor>? known = null)
    {
        using var scope = NewDisposeScope();
        _best.Keep(_active.Retire(_run.Model.ComputeLogits(_active.Points)));
        if (Count > 0) KeepBetter(start(_active.Original), (_, _) => BestLoss);
        if (Count > 0 && known is not null && _run.Start is not null) KeepBetter(known(_best[1], _active.Original), IncumbentLoss);
    }

    /// <summary>Evaluates a candidate for each example, made of its best point and its original.</summary>
    internal void Try(Func<Tensor, Tensor, Tensor> propose)
    {
        using var scope = NewDisposeScope();
        KeepBetter(propose(_active.Points, _active.Original), IncumbentLoss);
    }

    // The loss to exceed is a function of points and goal.
    private void KeepBetter(Tensor candidate, Func<Tensor, Goal, Tensor> lossToExceed)
    {
        var (points, goal) = (_active.Points, _active.Goal);
        var logits = _run.Model.ComputeLogits(candidate);
        var value = FiniteLogits.Comparable(_loss.Value(logits, goal));
        var met = goal.IsMet(logits);
        var better = (value > lossToExceed(points, goal)).logical_or(met);
        _active.Move(where(Norm.PerExample(better, points), candidate, points));
        BestLoss = where(better, value, BestLoss);
        _best.Keep(_active.RetireMet(met));
    }

    /// <summary>Evaluates a number of candidates for each example and returns the best points of all examples, (N, …).</summary>
    /// <param name="candidates">The number of candidates; fewer where all examples are finished.</param>
    /// <param name="propose">Makes the candidate of a number, from 1 on, of the best points and the originals.</param>
    internal Tensor Climb(int candidates, Func<int, Tensor, Tensor, Tensor> propose)
    {
        for (var number = 1; number <= candidates && Count > 0; number++)
        {
            var place = number;
            _run.Step(number, candidates);
            Try((best, original) => propose(place, best, original));
        }

        _run.Step(candidates, candidates);
        return Results();
    }

    /// <summary>The best points of all examples, (N, …).</summary>
    internal Tensor Results() => _active.Results();

    /// <summary>Disposes the tensors of the search.</summary>
    public void Dispose()
    {
        _active.Dispose();
        _best.Dispose();
    }

    // A single random draw can be too good: on a random view the present point is evaluated again.
    private Tensor IncumbentLoss(Tensor points, Goal goal) =>
        _run.IsRandom ? FiniteLogits.Comparable(_loss.Value(_run.Model.ComputeLogits(points), goal)) : BestLoss;
}
