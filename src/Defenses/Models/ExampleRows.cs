using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Which examples of a run on this thread the rows of the present batch are, so that passes can be counted for each example by itself.</summary>
/// <remarks>Whoever looks at some of the examples only says so with <see cref="Enter"/>; what nobody says is shared out evenly.</remarks>
internal sealed class ExampleRows : IDisposable
{
    [ThreadStatic]
    private static ExampleRows? s_current;

    private readonly ExampleRows? _before = s_current;
    private readonly List<Batch> _batches = [];
    private readonly List<ExampleCounts> _counts = [];
    private Action<Tensor>? _watch;

    /// <summary>Begins a run over so many examples, all of them in the batch.</summary>
    internal ExampleRows(long examples)
    {
        Examples = (int)examples;
        _batches.Add(new Batch(this, [.. Enumerable.Range(0, Examples)], isKnown: true));
        s_current = this;
    }

    /// <summary>The run on this thread; null outside one.</summary>
    internal static ExampleRows? Current => s_current;

    /// <summary>How many examples the run has.</summary>
    internal int Examples { get; }

    /// <summary>The examples in the present batch.</summary>
    internal int[] Present => _batches.FindLast(batch => batch.Examples.Length > 0)!.Examples;

    /// <summary>Shows the logits of the next look at all examples, of any model, to somebody once.</summary>
    internal void Watch(Action<Tensor> watch) => _watch = watch;

    /// <summary>Tells of a look of the run on this thread.</summary>
    internal static void Looked(Tensor logits)
    {
        if (s_current is not { _watch: { } watch } run || logits.shape[0] % run.Examples != 0) return;
        run._watch = null;
        watch(logits);
    }

    /// <summary>Counts a model's passes from now on.</summary>
    internal ExampleCounts Count(ModelView model)
    {
        var counts = new ExampleCounts(this, model);
        _counts.Add(counts);
        return counts;
    }

    /// <summary>A batch of the examples at hand, from which some may leave until it is disposed; null outside a run.</summary>
    /// <param name="rows">How many rows it has.</param>
    internal static Batch? Enter(long rows) => s_current?.Add(rows);

    /// <summary>Ends the run.</summary>
    public void Dispose() => s_current = _before;

    private Batch Add(long rows)
    {
        Settle();
        var now = Present;
        var batch = new Batch(this, now, isKnown: now.Length == rows);
        _batches.Add(batch);
        return batch;
    }

    private void Settle()
    {
        foreach (var counts in _counts) counts.Settle();
    }

    /// <summary>Some of the examples of a run.</summary>
    internal sealed class Batch(ExampleRows run, int[] examples, bool isKnown) : IDisposable
    {
        /// <summary>The number of each row's example.</summary>
        internal int[] Examples { get; private set; } = examples;

        /// <summary>Lets all but the given rows, (M,) int64, leave.</summary>
        internal void Keep(Tensor rows)
        {
            if (!isKnown) return;
            run.Settle();
            using var host = rows.cpu();
            Examples = [.. host.data<long>().ToArray().Select(row => Examples[row])];
        }

        /// <summary>Ends the batch.</summary>
        public void Dispose()
        {
            run.Settle();
            run._batches.Remove(this);
        }
    }
}
