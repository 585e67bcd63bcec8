using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Inference;

/// <summary>Decides by a vote of draws, or of several networks: each draw has one vote; ties go to the smaller class.</summary>
/// <remarks>
/// <para>Shape: (N, …) → (N, classes), the logarithms of the shares of the votes, log((c + 1/classes)/(n + 1)), so that a class without votes is
/// improbable and not impossible. Source: Ge et al. 2020, "Random Spiking".</para>
/// <para>Votes have no gradient. An attacker uses the view <see cref="Models.StraightThrough"/>: the forward pass gives the votes, the backward pass the
/// gradient of the mean probabilities of the same draws. A gradient attack on the plain network throws.</para>
/// </remarks>
public sealed class VotingNetwork : DecidingNetwork, ISurrogateGradient
{
    /// <summary>A vote of several draws of one random network.</summary>
    /// <param name="network">Gives logits, (N, …) → (N, classes).</param>
    /// <param name="draws">Votes for one decision, at least 1.</param>
    public VotingNetwork(nn.Module<Tensor, Tensor> network, int draws) : this([Require.NotNull(network, nameof(network))], draws) { }

    /// <summary>A vote of several networks, each with the same number of votes.</summary>
    /// <param name="networks">At least one; each gives logits for the same classes.</param>
    /// <param name="draws">Votes of each, at least 1 (default).</param>
    public VotingNetwork(IReadOnlyList<nn.Module<Tensor, Tensor>> networks, int draws = 1) : base(nameof(VotingNetwork), networks, draws) { }

    /// <inheritdoc/>
    public bool UseSurrogate { get; set; }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        if (!UseSurrogate || !input.requires_grad || !is_grad_enabled())
        {
            using var noGrad = no_grad();
            var votes = Vote(input);
            return Votes.LogShares(votes.Counts, votes.Ballots, NumberTypes.IsHalf(input.dtype) ? ScalarType.Float32 : input.dtype).MoveToOuterDisposeScope();
        }
        var (mean, counted) = (new LogMean(), new VoteCount());
        ForEachDraw(input, (logits, weight) =>
        {
            mean.Add(logits, weight);
            counted.Add(logits, weight);
        });
        var surrogate = mean.Value;
        return SurrogateGradient.Of(() => Votes.LogShares(counted.Counts, counted.Ballots, surrogate.dtype), surrogate).MoveToOuterDisposeScope();
    }

    /// <summary>The votes on each example, from fresh draws: (N, …) → counts (N, classes).</summary>
    public Votes Vote(Tensor x)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var counted = new VoteCount();
        ForEachDraw(Require.Batch(x, nameof(x)), (logits, weight) =>
        {
            counted.Add(logits, weight);
            logits.Dispose();
        });
        return new Votes(counted.Counts, counted.Ballots).MoveToOuterDisposeScope();
    }
}

/// <summary>Sums votes over parts of the draws.</summary>
internal sealed class VoteCount
{
    private Tensor? _counts;

    /// <summary>(N, classes) int64.</summary>
    internal Tensor Counts => _counts!;

    internal long Ballots { get; private set; }

    /// <summary>Adds draws, (some, N, classes), each with the given number of votes.</summary>
    internal void Add(Tensor logits, int votes)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var next = Votes.Count(logits).mul_(votes);
        _counts = _counts?.add_(next) ?? next.MoveToOuterDisposeScope();
        Ballots += logits.shape[0] * votes;
    }
}
