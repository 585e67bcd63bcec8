using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Attacks within a budget, one after another, each on the examples that resisted so far.</summary>
/// <remarks>
/// An example is finished when an attack meets the goal within ε, on a random model by a majority of fresh draws. Examples that resist keep the better
/// point: by fresh draws, then by the margin. A point beyond ε counts as none.
/// </remarks>
/// <param name="run">The run.</param>
/// <param name="norm">The norm of the budget.</param>
/// <param name="epsilon">The budget.</param>
internal sealed class AttacksInTurn(AttackRun run, Norm norm, double epsilon) : IDisposable
{
    private readonly ActiveBatch _active = new(run, run.Original);

    /// <summary>The number of examples that resisted so far.</summary>
    internal long Count => _active.Count;

    /// <summary>The best points of these examples so far. Owned by this object.</summary>
    internal Tensor Points => _active.Points;

    /// <summary>The run of these examples.</summary>
    internal AttackRun Left => _active.Remaining;

    /// <summary>Finishes the examples whose original meets the goal.</summary>
    internal void Begin()
    {
        using var scope = NewDisposeScope();
        _active.Retire(run.Model.ComputeLogits(_active.Points));
    }

    /// <summary>Runs an attack on the examples that resisted so far: its points, (Count, …).</summary>
    /// <returns>The rows that remain, (Count,) int64, for selecting from other tensors, or null where no example was finished.</returns>
    internal Tensor? Try(Func<AttackRun, Tensor> attack)
    {
        using var scope = NewDisposeScope();
        var left = _active.Remaining;
        var end = attack(left);
        var within = Norm.PerExample(BudgetRule.IsWithin(_active.Original, end, norm, epsilon, run.Model.Bounds), end);
        var candidate = where(within, end, _active.Points);
        var now = _active.Points;
        _active.Move(BestPerExample.Find(left, Loss.Margin, 2, number => number == 0 ? now.alias() : candidate.alias()));
        return _active.RetireWhere(left.IsMet(_active.Points, _active.Goal))?.MoveToOuterDisposeScope();
    }

    /// <summary>Ends the work on the examples of a mask, (Count,) bool, which keep their points.</summary>
    /// <returns>The rows that remain, (Count,) int64, or null where no example left.</returns>
    internal Tensor? Leave(Tensor hopeless) => _active.RetireWhere(hopeless);

    /// <summary>The points of all examples, (N, …), a new tensor.</summary>
    internal Tensor Results() => _active.Results();

    /// <summary>Disposes the tensors.</summary>
    public void Dispose() => _active.Dispose();
}
