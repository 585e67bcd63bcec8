using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Counts the passes of an attacker through a model, and can end the run when a budget is spent.</summary>
/// <remarks>
/// Passes are counted per example and draw at the classifiers behind the view, so a query over ten draws counts ten. A query
/// that begins when the budget is spent throws; the query that spends the rest of the budget is still completed. Limits for each example apply within
/// a run of an attack, which knows the examples of a batch; a finished example makes no more passes. They apply in every run through the meter, also in a
/// run within another run, and separately in each of two runs at once.
/// </remarks>
public sealed class Metered : InterceptingModelView
{
    private readonly Queries _start;
    private readonly long? _maxForward, _maxBackward;
    private readonly IReadOnlyList<QueryTally> _runs = [];   // the passes through this meter in the runs that it is part of

    /// <summary>Meters a model.</summary>
    /// <param name="model">The view to meter.</param>
    /// <param name="maxForward">Forward passes allowed (per example and draw, summed over the batch), or null for no limit.</param>
    /// <param name="maxBackward">Backward passes allowed, or null for no limit.</param>
    public Metered(ModelView model, long? maxForward = null, long? maxBackward = null) : base(Require.NotNull(model, nameof(model)))
    {
        _maxForward = maxForward is { } forward ? Require.AtLeast(forward, 1, nameof(maxForward)) : null;
        _maxBackward = maxBackward is { } backward ? Require.AtLeast(backward, 1, nameof(maxBackward)) : null;
        _start = model.Queries;
    }

    private Metered(Metered meter, ModelView model, IReadOnlyList<QueryTally> runs) : base(model)
    {
        (_start, _maxForward, _maxBackward, _runs) = (meter._start, meter._maxForward, meter._maxBackward, runs);
        (MaxForwardPerExample, MaxBackwardPerExample) = (meter.MaxForwardPerExample, meter.MaxBackwardPerExample);
    }

    /// <summary>The passes since the meter was made.</summary>
    public Queries Spent => Queries - _start;

    /// <summary>Forward passes allowed for each example of a run, at least 1; by default (null) unlimited.</summary>
    public long? MaxForwardPerExample { get; init => field = value is { } most ? Require.AtLeast(most, 1, nameof(MaxForwardPerExample)) : null; }

    /// <summary>Backward passes allowed for each example of a run, at least 1; by default (null) unlimited.</summary>
    public long? MaxBackwardPerExample { get; init => field = value is { } most ? Require.AtLeast(most, 1, nameof(MaxBackwardPerExample)) : null; }

    /// <inheritdoc/>
    protected internal override DelegatingModelView Over(ModelView inner) => new Metered(this, inner, _runs);

    // A meter with limits for each example has its own count in each run: other models of the run may have no meter.
    internal override ModelView Bind(QueryTally tally)
    {
        if ((MaxForwardPerExample ?? MaxBackwardPerExample) is null || _runs.Any(run => run.Ledger == tally.Ledger)) return base.Bind(tally);
        var own = tally.Ledger.Count();
        return new Metered(this, Inner.Bind(tally).Bind(own), [.. _runs, own]);
    }

    /// <inheritdoc/>
    /// <exception cref="BudgetSpentException">A limit is reached. For logits only the limit of forward passes applies.</exception>
    /// <exception cref="InvalidOperationException">There is a limit for each example, and the attack does not state which examples it queries.</exception>
    protected override IDisposable? Enter(Tensor x, bool backward)
    {
        Check(Spent, _maxForward, backward ? _maxBackward : null, "");
        foreach (var run in _runs)
        {
            Check(run.Most, MaxForwardPerExample, backward ? MaxBackwardPerExample : null, " for each example");
            if (!run.IsExact) throw new InvalidOperationException(
                "The attack queried some of its examples without stating which, so a limit for each example cannot be applied. " +
                "Query a part of the examples within an ActiveBatch or AttackRun.Only.");
        }
        return null;
    }

    private void Check(Queries made, long? forward, long? backward, string each)
    {
        if (made.Forward >= forward) throw new BudgetSpentException(Spent, $"{forward} forward passes{each}");
        if (made.Backward >= backward) throw new BudgetSpentException(Spent, $"{backward} backward passes{each}");
    }
}

/// <summary>A metered model refused a query because its budget of passes is spent.</summary>
public sealed class BudgetSpentException : Exception
{
    /// <summary>An exception with the passes that were spent and the limit.</summary>
    public BudgetSpentException(Queries spent, string allowed)
        : base(string.Create(CultureInfo.InvariantCulture,
            $"The query budget of {allowed} is spent ({spent.Forward} forward, {spent.Backward} backward). ") +
            "Raise the limit of the Metered view or shorten the attack.") =>
        Spent = spent;

    /// <summary>The passes made.</summary>
    public Queries Spent { get; }
}
