namespace Defenses.Models;

/// <summary>The passes through a model for each example of a run.</summary>
internal sealed class ExampleCounts
{
    private readonly ExampleRows _rows;
    private readonly ModelView _model;
    private readonly long[] _forward, _backward;
    private Queries _settled;

    internal ExampleCounts(ExampleRows rows, ModelView model)
    {
        (_rows, _model, _settled) = (rows, model, model.Queries);
        (_forward, _backward) = (new long[rows.Examples], new long[rows.Examples]);
    }

    /// <summary>The run that is counted.</summary>
    internal ExampleRows Run => _rows;

    /// <summary>The most passes that an example of the present batch has had.</summary>
    internal Queries Most
    {
        get
        {
            Settle();
            return new(_rows.Present.Max(example => _forward[example]), _rows.Present.Max(example => _backward[example]));
        }
    }

    /// <summary>The passes of each example.</summary>
    internal IReadOnlyList<Queries> PerExample()
    {
        Settle();
        return [.. _forward.Zip(_backward, (forward, backward) => new Queries(forward, backward))];
    }

    /// <summary>Shares out the passes since the last time among the examples of the present batch.</summary>
    internal void Settle()
    {
        var (now, present) = (_model.Queries, _rows.Present);
        Share(_forward, now.Forward - _settled.Forward, present);
        Share(_backward, now.Backward - _settled.Backward, present);
        _settled = now;
    }

    // Evenly; what is left over goes to the first ones, so that the sum stays exact.
    private static void Share(long[] counts, long passes, int[] present)
    {
        var (each, rest) = Math.DivRem(passes, present.Length);
        for (var row = 0; row < present.Length; row++) counts[present[row]] += each + (row < rest ? 1 : 0);
    }
}
