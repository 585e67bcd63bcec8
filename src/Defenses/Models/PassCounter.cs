namespace Defenses.Models;

/// <summary>The passes through a model since its construction, of all callers, from any thread.</summary>
internal sealed class PassCounter
{
    private long _forward, _backward;

    /// <summary>The passes so far.</summary>
    internal Queries Total => new(Interlocked.Read(ref _forward), Interlocked.Read(ref _backward));

    /// <summary>The number of classes; 0 before the first pass.</summary>
    internal long Classes { get; set; }

    /// <summary>Counts passes, and reports them to the tallies of the runs.</summary>
    internal void Add(long rows, Queries passes, IReadOnlyList<QueryTally> tallies)
    {
        Interlocked.Add(ref _forward, passes.Forward);
        Interlocked.Add(ref _backward, passes.Backward);
        for (var number = 0; number < tallies.Count; number++) tallies[number].Add(rows, passes);
    }
}
