using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>The base of black boxes: a function that answers images. An attack cannot see what is behind the function.</summary>
/// <remarks>
/// It has no gradient: an attack that needs one gets a <see cref="NoGradientException"/>, which says which attacks do not. Answers are counted; a budget is
/// set with <see cref="Metered"/>. The function gets a batch in the units of the bounds, must not change it, and gives one row for each image; it is
/// called by one thread at a time, as long as one run at a time queries the oracle.
/// </remarks>
public abstract class Oracle : ModelView
{
    private readonly Func<Tensor, Tensor> _answer;
    private readonly PassCounter _passes = new();
    private IReadOnlyList<QueryTally> _tallies = [];

    private protected Oracle(Func<Tensor, Tensor> answer, string name, Bounds bounds, long classes, bool isRandom)
    {
        _answer = Require.NotNull(answer, name);
        Bounds = bounds.Checked(nameof(bounds));
        Classes = Require.AtLeast(classes, 2, nameof(classes));
        IsRandom = isRandom;
    }

    /// <inheritdoc/>
    public override Bounds Bounds { get; }

    /// <inheritdoc/>
    public override long Classes { get; }

    /// <inheritdoc/>
    public override Queries Queries => _passes.Total;

    /// <summary>Whether equal images may be answered differently. Draws of different images count as independent.</summary>
    public override bool IsRandom { get; }

    /// <summary>The most images that the function gets at once, at least 1; by default (null) as many as the attack asks about.</summary>
    public int? LargestBatch { get; init => field = value is { } most ? Require.AtLeast(most, 1, nameof(LargestBatch)) : null; }

    /// <summary>The version of the model behind the function, such as the hash of its file; by default (null) not known.</summary>
    /// <remarks>A function shows no weights. With a version an evaluation that is continued detects that the model was changed, even where its answers to the
    /// first images are the same.</remarks>
    public string? Version { get; init; }

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> Networks => [];

    /// <summary>What the function gave, for a batch of so many images, as logits (N, classes).</summary>
    private protected abstract Tensor Read(Tensor answer, Tensor x);

    /// <inheritdoc/>
    protected internal override Tensor ComputeLogits(Tensor x)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (rows, queried) = (x.shape[0], 0L);
        var parts = new List<Tensor>();
        try
        {
            for (var most = LargestBatch ?? rows; queried < rows;)
            {
                var part = x.narrow(0, queried, Math.Min(most, rows - queried));
                queried += part.shape[0];
                parts.Add(Query(part));
            }
        }
        finally { _passes.Add(rows, new Queries(queried, 0), _tallies); }
        var logits = parts.Count == 1 ? parts[0] : cat(parts);
        foreach (var tally in _tallies) tally.Ledger.Report(logits);
        return logits.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss) => throw new NoGradientException(WithoutGradient);

    /// <inheritdoc/>
    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x) => throw new NoGradientException(WithoutGradient);

    internal override ModelView Bind(QueryTally tally)
    {
        var mine = tally.For(_passes);
        if (_tallies.Contains(mine)) return this;
        var copy = (Oracle)MemberwiseClone();
        copy._tallies = [.. _tallies, mine];
        return copy;
    }

    internal override IReadOnlyList<PassCounter> Counters => [_passes];

    internal override IReadOnlyList<QueryTally> Tallies => _tallies;

    private protected bool IsFirst => _passes.Classes == 0;

    private protected InvalidOperationException Wrong(string what) => new($"The {GetType().Name}'s function {what}");

    private Tensor Query(Tensor x)
    {
        var answer = _answer(x) ?? throw Wrong("returned null.");
        var logits = Read(answer, x);
        if (IsFirst)
        {
            if (logits.isnan().any().ToBoolean()) throw Wrong("gave NaN for its first batch. Check the model behind it and the range of its input.");
            _passes.Classes = Classes;
        }
        return logits;
    }
}
