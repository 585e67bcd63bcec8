using static TorchSharp.torch;

namespace Defenses.Inference;

/// <summary>Counts votes part by part.</summary>
internal sealed class VoteCount
{
    private Tensor? _counts;

    /// <summary>(N, classes) int64.</summary>
    internal Tensor Counts => _counts!;

    internal long Ballots { get; private set; }

    /// <summary>Adds looks, (some, N, classes), each with as many votes.</summary>
    internal void Add(Tensor logits, int votes)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var next = Votes.Count(logits).mul_(votes);
        _counts = _counts?.add_(next) ?? next.MoveToOuterDisposeScope();
        Ballots += logits.shape[0] * votes;
    }
}
