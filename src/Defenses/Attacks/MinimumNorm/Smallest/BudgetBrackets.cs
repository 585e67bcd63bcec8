using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The largest budget that failed and the smallest size that succeeded, of each example, and the budgets to try next.</summary>
internal sealed class BudgetBrackets
{
    private readonly double[] _most, _failed, _met;
    private readonly double _first, _tolerance;
    private readonly bool _whole;

    /// <summary>Without any knowledge.</summary>
    /// <param name="most">The largest budget of each example, (N,).</param>
    /// <param name="first">The first budget, above 0.</param>
    /// <param name="tolerance">The relative step of the grid of budgets, above 0.</param>
    /// <param name="whole">Whether budgets are whole numbers.</param>
    internal BudgetBrackets(Tensor most, double first, double tolerance, bool whole)
    {
        using var scope = NewDisposeScope();
        _most = most.to_type(ScalarType.Float64).cpu().data<double>().ToArray();
        _failed = new double[_most.Length];
        _met = [.. _most.Select(_ => double.PositiveInfinity)];
        (_first, _tolerance, _whole) = (whole ? Math.Max(1, Math.Floor(first)) : first, tolerance, whole);
    }

    /// <summary>The next budgets, each with the numbers of its examples. Examples whose bracket is within the tolerance are left out.</summary>
    internal IReadOnlyList<(double Budget, long[] Rows)> Next() =>
    [
        .. Enumerable.Range(0, _most.Length).Select(row => (Row: (long)row, Budget: NextBudget(row))).Where(each => each.Budget > _failed[each.Row])
            .GroupBy(each => each.Budget, each => each.Row).Select(group => (group.Key, group.ToArray())),
    ];

    /// <summary>Begins with known successes: the first budgets are then half of these.</summary>
    /// <param name="sizes">The size of a success of each example; ∞ where none is known.</param>
    internal void Begin(double[] sizes) => sizes.CopyTo(_met, 0);

    /// <summary>Records outcomes.</summary>
    /// <param name="rows">The numbers of the examples.</param>
    /// <param name="budget">The budget that was tried.</param>
    /// <param name="met">Whether each met the goal.</param>
    /// <param name="sizes">The smallest successes of each so far.</param>
    internal void Record(long[] rows, double budget, bool[] met, double[] sizes)
    {
        for (var place = 0; place < rows.Length; place++)
        {
            var row = rows[place];
            if (met[place]) _met[row] = Math.Min(sizes[place], budget);
            else _failed[row] = Math.Max(_failed[row], budget);
        }
    }

    // The failed budget itself where nothing is left to try.
    private double NextBudget(int row)
    {
        var (failed, met) = (_failed[row], _met[row]);
        if (met <= failed) return failed;
        if (double.IsInfinity(met)) return Math.Min(failed == 0 ? _first : 2 * failed, _most[row]);
        if (_whole) return Math.Floor((failed + met - 1) / 2) is var middle && middle > failed ? middle : Math.Max(failed, met - 1);
        var next = failed == 0 ? met / 2 : Math.Sqrt(failed * met);
        return OnGrid(next);
    }

    private double OnGrid(double budget)
    {
        var step = Math.Log(1 + _tolerance);
        return _first * Math.Exp(step * Math.Floor(Math.Log(budget / _first) / step + 1e-9));
    }
}
