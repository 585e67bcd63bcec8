using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Keeps per example the best of the points that it is offered; examples that meet the goal leave.</summary>
internal sealed class RandomSearch : IDisposable
{
    private readonly AttackRun _run;
    private readonly Loss _loss;
    private readonly ActiveExamples _active;
    private readonly RowState _best;

    internal RandomSearch(AttackRun run, Loss loss)
    {
        (_run, _loss) = (run, loss);
        _active = new ActiveExamples(run, run.Original);
        _best = new RowState(full([run.Original.shape[0]], double.NegativeInfinity, dtype: run.Original.dtype, device: run.Original.device));
    }

    /// <summary>How many examples are left.</summary>
    internal long Count => _active.Count;

    /// <summary>Lets the examples leave that meet the goal from the start, and puts the others to their first point.</summary>
    internal void Begin(Func<Tensor, Tensor> start)
    {
        using var scope = NewDisposeScope();
        _best.Keep(_active.Retire(_run.Model.ComputeLogits(_active.Points)));
        if (Count > 0) Offer(start(_active.Original), (points, _) => _best[0]);
    }

    /// <summary>Offers each example a candidate, made of its best point and its original.</summary>
    internal void Try(Func<Tensor, Tensor, Tensor> propose)
    {
        using var scope = NewDisposeScope();
        Offer(propose(_active.Points, _active.Original), Standing);
    }

    // The loss to beat is a function of points and goal.
    private void Offer(Tensor candidate, Func<Tensor, Goal, Tensor> standing)
    {
        var (points, goal) = (_active.Points, _active.Goal);
        var logits = _run.Model.ComputeLogits(candidate);
        var value = _loss.Value(logits, goal);
        var met = goal.IsMet(logits);
        var better = (value > standing(points, goal)).logical_or(met);
        _active.Move(where(Norm.PerExample(better, points), candidate, points));
        _best[0] = where(better, value, _best[0]);
        _best.Keep(_active.RetireMet(met));
    }

    /// <summary>The best points of all examples, (N, …).</summary>
    internal Tensor Results() => _active.Results();

    /// <summary>Disposes what the search holds.</summary>
    public void Dispose()
    {
        _active.Dispose();
        _best.Dispose();
    }

    // One lucky draw must not stand for ever: a random view is looked at again.
    private Tensor Standing(Tensor points, Goal goal) =>
        _run.IsRandom ? _loss.Value(_run.Model.ComputeLogits(points), goal) : _best[0];
}
