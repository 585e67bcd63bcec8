using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The smallest L2 change that meets a goal, by Carlini and Wagner's method: Adam on ‖x′ − x‖² + c·hinge, and a
/// search for the c of each example. Distances are in units of the bounds' range, so that c has one meaning in all bounds.</summary>
/// <param name="Steps">The largest number of steps in a round.</param>
/// <param name="SearchSteps">The number of constants to try.</param>
/// <param name="InitialConstant">The first constant c.</param>
/// <param name="LearningRate">Adam's learning rate.</param>
/// <param name="AbortEarly">Whether an example ends a round when its loss stalls.</param>
internal sealed record CarliniWagnerL2(int Steps, int SearchSteps, double InitialConstant, double LearningRate, bool AbortEarly)
{
    /// <summary>The smallest success of each example over all steps, (N, …); the original where there was none.</summary>
    /// <param name="run">The run.</param>
    /// <param name="evaluate">At points with their goal: the gradient and value of minus the hinge, and which points succeed, (N,) bool.</param>
    internal Tensor Find(AttackRun run, Func<Tensor, Goal, (LossGradient Gain, Tensor Met)> evaluate)
    {
        using var scope = NewDisposeScope();
        using var search = new ConstantSearch(run, InitialConstant);
        var total = (long)SearchSteps * Steps;
        for (var round = 0; round < SearchSteps; round++)
        {
            using var inner = NewDisposeScope();
            search.Begin(last: round == SearchSteps - 1 && SearchSteps >= 10);
            Minimise(run, evaluate, search, round * (long)Steps, total);
            search.End();
        }
        run.Step(total, total);
        return search.Best.clone().MoveToOuterDisposeScope();
    }

    // One round of Adam from the original image.
    private void Minimise(
        AttackRun run, Func<Tensor, Goal, (LossGradient Gain, Tensor Met)> evaluate, ConstantSearch search, long done, long total)
    {
        using var batch = new TanhSpaceBatch(run, search.Constants, LearningRate);
        Tensor? checkpoint = null;
        var tenth = Math.Max(1, Steps / 10);
        for (var step = 0; step < Steps && batch.Count > 0; step++)
        {
            run.Step(done + step, total);
            using var inner = NewDisposeScope();
            var goal = batch.Goal;
            var points = batch.Points();
            var (gain, met) = evaluate(points, goal);
            var squared = batch.SquaredDistance(points);
            search.KeepSmaller(batch.Rows, points, squared, goal, met);
            var loss = squared - batch.Constants * gain.Loss;
            batch.Step(points, gain.Gradient);
            if (!AbortEarly || step % tenth != 0) continue;
            if (checkpoint is not null)
            {
                var going = loss <= checkpoint * 0.9999;
                if (step == tenth) going = going.logical_and(search.RepeatsLastRound(points, squared).logical_not());
                loss = Keep(batch, going.nonzero().squeeze(1), loss);
                checkpoint.Dispose();
            }
            checkpoint = loss.MoveToOuterDisposeScope();
        }
    }

    private static Tensor Keep(TanhSpaceBatch batch, Tensor rows, Tensor loss)
    {
        if (rows.shape[0] == batch.Count) return loss;
        batch.Keep(rows);
        return loss.index_select(0, rows);
    }
}

/// <summary>The binary search for each example's constant c, and the smallest success of each (Carlini and Wagner's code).</summary>
internal sealed class ConstantSearch : IDisposable
{
    private const double NoUpper = 1e10, SamePath = 2e-3;
    private readonly AttackRun _run;
    private readonly Tensor _lower, _upper, _bestSize, _met;
    private Tensor _constants;
    private Tensor? _before;

    internal ConstantSearch(AttackRun run, double initial)
    {
        _run = run;
        var (count, x) = (run.Original.shape[0], run.Original);
        Best = x.clone().DetachFromDisposeScope();
        _lower = Filled(0);
        _upper = Filled(NoUpper);
        _constants = Filled(initial);
        _bestSize = Filled(double.PositiveInfinity);
        _met = zeros([count], dtype: ScalarType.Bool, device: x.device).DetachFromDisposeScope();

        Tensor Filled(double value) => full([count], value, dtype: x.dtype, device: x.device).DetachFromDisposeScope();
    }

    /// <summary>The best points so far, (N, …); the original where nothing succeeded.</summary>
    internal Tensor Best { get; }

    /// <summary>The constants of this round, (N,).</summary>
    internal Tensor Constants => _constants;

    /// <summary>Starts a round; the last of ten or more uses the smallest constant with a known success.</summary>
    internal void Begin(bool last)
    {
        if (last) SetConstants(where(_upper < NoUpper, _upper, _constants));
        _met.fill_(0);
    }

    /// <summary>Keeps the points with a confirmed success that are smaller than the best so far.</summary>
    internal void KeepSmaller(Tensor rows, Tensor points, Tensor squared, Goal goal, Tensor met)
    {
        if (!met.any().ToBoolean()) return;
        var hits = _run.Confirm(met, points, goal).nonzero().squeeze(1);
        if (hits.shape[0] == 0) return;
        var hitRows = rows.index_select(0, hits);
        _met.index_fill_(0, hitRows, true);
        var smaller = (squared.index_select(0, hits) < _bestSize.index_select(0, hitRows)).nonzero().squeeze(1);
        if (smaller.shape[0] == 0) return;
        var (from, to) = (hits.index_select(0, smaller), hitRows.index_select(0, smaller));
        _bestSize.index_copy_(0, to, squared.index_select(0, from));
        Best.index_copy_(0, to, points.index_select(0, from));
    }

    /// <summary>
    /// The examples, (N,) bool, without success that repeat the path of the previous round although their constant is ten times as large: the distance
    /// has no weight any more, and the round would fail as the previous one did. Call it once a round, at the same step, with
    /// all points (N, …) and their squared distances.
    /// </summary>
    internal Tensor RepeatsLastRound(Tensor points, Tensor squared)
    {
        using var scope = NewDisposeScope();
        var apart = _before is null ? full_like(squared, double.PositiveInfinity) : ((points - _before) / _run.Model.Bounds.Range).square().flatten(1).sum(1);
        _before?.Dispose();
        _before = points.alias().DetachFromDisposeScope();
        return (apart <= squared * (SamePath * SamePath)).logical_and(_upper >= NoUpper).MoveToOuterDisposeScope();
    }

    /// <summary>Ends a round: bisects where both ends are known, multiplies by ten where no success is known.</summary>
    internal void End()
    {
        _upper.copy_(where(_met, minimum(_upper, _constants), _upper));
        _lower.copy_(where(_met, _lower, maximum(_lower, _constants)));
        SetConstants(where(_upper < NoUpper, (_lower + _upper) / 2, _constants * 10));
    }

    /// <summary>Disposes the tensors of the search.</summary>
    public void Dispose()
    {
        foreach (var held in new[] { Best, _lower, _upper, _bestSize, _met, _constants, _before }) held?.Dispose();
    }

    private void SetConstants(Tensor constants)
    {
        _constants.Dispose();
        _constants = constants.DetachFromDisposeScope();
    }
}
