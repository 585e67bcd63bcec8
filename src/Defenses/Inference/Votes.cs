using Defenses.Statistics;
using static TorchSharp.torch;

namespace Defenses.Inference;

/// <summary>The number of votes for each class, for each example. Owns its tensors.</summary>
public sealed class Votes : IDisposable
{
    internal Votes(Tensor counts, long ballots)
    {
        (Counts, Ballots) = (counts, ballots);
        Labels = Largest(counts);
    }

    /// <summary>Votes by example and class, (N, classes) int64; each row sums to <see cref="Ballots"/>.</summary>
    public Tensor Counts { get; }

    /// <summary>The class with the most votes, (N,) int64; the smallest class in a tie.</summary>
    public Tensor Labels { get; }

    /// <summary>The number of votes on each example.</summary>
    public long Ballots { get; }

    /// <summary>For each example the exact (Clopper–Pearson) interval of the probability that a vote goes to the winning class.</summary>
    /// <remarks>
    /// The winner is chosen by the same votes, which makes the interval slightly too high if two classes are close. For a guarantee choose
    /// the class by other votes and use <see cref="Intervals(Tensor, double)"/>.
    /// </remarks>
    /// <param name="confidence">The confidence of each single interval, between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is out of range.</exception>
    public IReadOnlyList<Interval> Intervals(double confidence = 0.95) => Intervals(Labels, confidence);

    /// <summary>For each example the exact (Clopper–Pearson) interval of the probability that a vote goes to a class chosen beforehand.</summary>
    /// <param name="classes">The classes, (N,) int64.</param>
    /// <param name="confidence">The confidence of each single interval, between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentException">The classes have a wrong shape, dtype or value, or the confidence is out of range.</exception>
    public IReadOnlyList<Interval> Intervals(Tensor classes, double confidence = 0.95)
    {
        Require.Labels(classes, Counts.shape[0], Counts.shape[1], nameof(classes));
        using var scope = NewDisposeScope();
        var counts = Counts.gather(1, classes.unsqueeze(1)).squeeze(1).cpu().data<long>().ToArray();
        return [.. counts.Select(count => BinomialInterval.ClopperPearson(count, Ballots, confidence))];
    }

    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        Counts.Dispose();
        Labels.Dispose();
    }

    /// <summary>Moves the tensors to the scope around the current one.</summary>
    internal Votes MoveToOuterDisposeScope()
    {
        Counts.MoveToOuterDisposeScope();
        Labels.MoveToOuterDisposeScope();
        return this;
    }

    /// <summary>One vote per row of scores: (votes, N, classes) → (N, classes) int64. In a tie the smallest class gets the vote.</summary>
    internal static Tensor Count(Tensor scores)
    {
        using var scope = NewDisposeScope();
        var classes = arange(scores.shape[2], dtype: ScalarType.Int64, device: scores.device);
        return Largest(scores).unsqueeze(-1).eq(classes).sum(dim: 0, type: ScalarType.Int64).MoveToOuterDisposeScope();
    }

    /// <summary>Shares of the votes as log probabilities, (N, classes); a class without votes counts as a fraction of
    /// one: log((c + 1/classes)/(n + 1)).</summary>
    internal static Tensor LogShares(Tensor counts, long ballots, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        return ((counts.to_type(dtype) + 1.0 / counts.shape[1]) / (ballots + 1)).log().MoveToOuterDisposeScope();
    }

    // torch does not promise which of equal values argmax takes.
    private static Tensor Largest(Tensor scores)
    {
        using var scope = NewDisposeScope();
        var classes = scores.shape[^1];
        var rank = arange(classes, 0, -1, dtype: ScalarType.Int64, device: scores.device);   // the first class ranks highest
        return (scores.eq(scores.amax([-1], keepdim: true)).to_type(ScalarType.Int64) * rank).argmax(-1).MoveToOuterDisposeScope();
    }
}
