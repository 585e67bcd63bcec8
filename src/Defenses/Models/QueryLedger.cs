using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>The examples in the present batch of a run, for counting the passes of each example.</summary>
/// <remarks>
/// A run owns its ledger and passes it on; no state is kept by thread. A run within another run also reports to the outer ledger which
/// examples remain active. Not for several threads at once: a run is one sequence of steps.
/// </remarks>
internal sealed class QueryLedger
{
    private readonly IReadOnlyList<QueryLedger> _outer;
    private readonly List<Batch> _batches = [];
    private readonly List<QueryTally> _tallies = [];
    private readonly Dictionary<nn.Module, PassDivision> _divisions = new(ReferenceEqualityComparer.Instance);
    private Action<Tensor>? _watch;
    private int _needsFloat32;

    /// <summary>Begins a run over a number of examples, all of them in the batch, as a part of the runs of other ledgers.</summary>
    internal QueryLedger(long examples, IEnumerable<QueryLedger> outer)
    {
        Examples = (int)examples;
        _outer = [.. outer.Distinct()];
        _batches.Add(new Batch(this, [.. Enumerable.Range(0, Examples)], isKnown: true, []));
    }

    /// <summary>The number of examples of the run.</summary>
    internal int Examples { get; }

    /// <summary>The elements of gradients that were no finite numbers and were replaced.</summary>
    internal long Replaced { get; set; }

    /// <summary>Whether the present attack of the run needs gradients in the number type of the weights.</summary>
    internal bool NeedsFloat32 => _needsFloat32 > 0;

    /// <summary>Whether passes of a network can be divided: its modules are searched once for the run.</summary>
    internal PassDivision DivisionOf(nn.Module network) =>
        _divisions.TryGetValue(network, out var known) ? known : _divisions[network] = new PassDivision(network);

    /// <summary>The examples in the present batch.</summary>
    internal int[] Present => _batches.FindLast(batch => batch.Examples.Length > 0)!.Examples;

    /// <summary>As <see cref="Present"/>; null where a batch was begun with a number of rows that is not theirs.</summary>
    internal int[]? Known => _batches.FindLast(batch => batch.Examples.Length > 0) is { IsOwn: true } batch ? batch.Examples : null;

    /// <summary>States that the attack needs gradients in the number type of the weights until the result is disposed.</summary>
    internal IDisposable NeedFloat32()
    {
        _needsFloat32++;
        return new Undo(() => _needsFloat32--);
    }

    /// <summary>Calls <paramref name="watch"/> once, with the logits of the next pass of all examples through any model of the run.</summary>
    internal void Watch(Action<Tensor> watch) => _watch = watch;

    /// <summary>Reports the logits of a pass.</summary>
    internal void Report(Tensor logits)
    {
        if (_watch is not { } watch || logits.shape[0] % Examples != 0) return;
        _watch = null;
        watch(logits);
    }

    /// <summary>A new count of passes, starting at 0.</summary>
    internal QueryTally Count()
    {
        var tally = new QueryTally(this);
        _tallies.Add(tally);
        return tally;
    }

    /// <summary>A batch of the present examples. Until it is disposed, examples can be removed from it.</summary>
    /// <param name="rows">The number of rows of the batch.</param>
    internal Batch Enter(long rows)
    {
        Settle();
        var now = Present;
        var batch = new Batch(this, now, isKnown: now.Length == rows, [.. _outer.Select(ledger => ledger.Enter(rows))]);
        _batches.Add(batch);
        return batch;
    }

    private void Settle()
    {
        foreach (var tally in _tallies) tally.Settle();
    }

    /// <summary>Some of the examples of a run.</summary>
    internal sealed class Batch(QueryLedger run, int[] examples, bool isKnown, IReadOnlyList<Batch> outer) : IDisposable
    {
        /// <summary>The index of the example of each row.</summary>
        internal int[] Examples { get; private set; } = examples;

        internal bool IsOwn => isKnown;   // whether the rows are these examples
        private bool IsKnown => isKnown || outer.Any(batch => batch.IsKnown);

        /// <summary>Removes all but the given rows, (M,) int64.</summary>
        internal void Keep(Tensor rows)
        {
            if (!IsKnown) return;
            using var host = rows.cpu();
            Keep(host.data<long>().ToArray());
        }

        /// <summary>Ends the batch.</summary>
        public void Dispose()
        {
            run.Settle();
            run._batches.Remove(this);
            foreach (var batch in outer) batch.Dispose();
        }

        private void Keep(long[] rows)
        {
            foreach (var batch in outer) batch.Keep(rows);
            if (!isKnown) return;
            run.Settle();
            Examples = [.. rows.Select(row => Examples[row])];
        }
    }
}

/// <summary>The passes of each example of a run through one model.</summary>
internal sealed class QueryTally
{
    private readonly long[] _forward, _backward;
    private readonly HashSet<PassCounter> _counters = [];
    private readonly QueryTally? _main;
    private QueryTally? _beside;
    private long _newForward, _newBackward;

    internal QueryTally(QueryLedger ledger, QueryTally? main = null)
    {
        (Ledger, _main) = (ledger, main);
        (_forward, _backward) = (new long[ledger.Examples], new long[ledger.Examples]);
    }

    /// <summary>The ledger of the run.</summary>
    internal QueryLedger Ledger { get; }

    /// <summary>Whether every pass so far contained all examples of the batch, each equally often, so that the passes of each example are known.</summary>
    internal bool IsExact { get; private set; } = true;

    /// <summary>The tally for other models in the same run: passes through a network that this tally counts are still counted here.</summary>
    internal QueryTally Beside => _main is null ? _beside ??= new QueryTally(Ledger, this) : this;

    /// <summary>The largest number of passes of an example of the present batch.</summary>
    internal Queries Most
    {
        get
        {
            Settle();
            return new(Ledger.Present.Max(example => _forward[example]), Ledger.Present.Max(example => _backward[example]));
        }
    }

    /// <summary>All passes.</summary>
    internal Queries Total => new(_forward.Sum() + Interlocked.Read(ref _newForward), _backward.Sum() + Interlocked.Read(ref _newBackward));

    /// <summary>The passes of each example.</summary>
    internal IReadOnlyList<Queries> PerExample()
    {
        Settle();
        return [.. _forward.Zip(_backward, (forward, backward) => new Queries(forward, backward))];
    }

    /// <summary>The tally that receives the passes of a counter: this one, or the main one where it already counts them.</summary>
    internal QueryTally For(PassCounter counter)
    {
        if (_main?._counters.Contains(counter) == true) return _main;
        _counters.Add(counter);
        return this;
    }

    /// <summary>Counts passes.</summary>
    /// <param name="rows">The rows of the batch of the pass.</param>
    /// <param name="passes">The passes.</param>
    internal void Add(long rows, Queries passes)
    {
        if (rows % Ledger.Present.Length != 0) IsExact = false;
        Interlocked.Add(ref _newForward, passes.Forward);
        Interlocked.Add(ref _newBackward, passes.Backward);
    }

    /// <summary>Distributes the passes since the last call among the examples of the present batch.</summary>
    internal void Settle()
    {
        var present = Ledger.Present;
        Share(_forward, Interlocked.Exchange(ref _newForward, 0), present);
        Share(_backward, Interlocked.Exchange(ref _newBackward, 0), present);
    }

    // Evenly; the remainder goes to the first examples, so that the sum stays exact.
    private static void Share(long[] counts, long passes, int[] present)
    {
        var (each, rest) = Math.DivRem(passes, present.Length);
        for (var row = 0; row < present.Length; row++) counts[present[row]] += each + (row < rest ? 1 : 0);
    }
}
