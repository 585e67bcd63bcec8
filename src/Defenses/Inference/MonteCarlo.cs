using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Inference;

/// <summary>Decides by many fresh draws of a random model.</summary>
/// <remarks>
/// The model must be in evaluation mode, where stochastic defenses stay active. Draws come from the model's own streams, or with a seed from
/// separate streams that start from the seed. To attack or judge a model that decides like this, wrap its network in an
/// <see cref="AveragingNetwork"/> or a <see cref="VotingNetwork"/>. Source: Ge et al. 2020, "Random Spiking" (10 draws; ties go to the smaller class).
/// </remarks>
public static class MonteCarlo
{
    private const long RowsPerPass = 4096;   // bounds the memory of the logits

    /// <summary>The mean of the class probabilities over draws: (N, …) → (N, classes), rows that sum to 1.</summary>
    /// <param name="model">Any view of a model.</param>
    /// <param name="x">Images within the model's bounds, (N, …), floating point.</param>
    /// <param name="draws">The number of draws, at least 1; a deterministic model runs once.</param>
    /// <param name="seed">The seed of the draws; by default (null) they continue the model's own streams.</param>
    /// <exception cref="ArgumentException">An argument has a wrong shape, dtype or value.</exception>
    /// <exception cref="InvalidOperationException">The network is in training mode.</exception>
    public static Tensor Average(ModelView model, Tensor x, int draws, ulong? seed = null)
    {
        using var scope = NewDisposeScope();
        var (sum, count) = Total(model, x, draws, seed, logits => logits.softmax(-1).sum(dim: 0));
        return sum.div_(count).MoveToOuterDisposeScope();
    }

    /// <summary>The votes of the draws: each draw gives one vote to its most probable class (the smallest class in a tie).</summary>
    /// <inheritdoc cref="Average"/>
    public static Votes Vote(ModelView model, Tensor x, int draws, ulong? seed = null)
    {
        using var scope = NewDisposeScope();
        var (counts, count) = Total(model, x, draws, seed, Votes.Count);
        if (count < draws) counts.mul_(draws);   // every further draw would give the same vote
        return new Votes(counts, draws).MoveToOuterDisposeScope();
    }

    // The sum over all draws of a function of their logits, (some draws, N, classes) → (N, classes), and the number of draws.
    private static (Tensor Sum, int Count) Total(ModelView model, Tensor x, int draws, ulong? seed, Func<Tensor, Tensor> part)
    {
        Require.NotNull(model, nameof(model)).RequireEvaluation();
        Require.Images(x, model.Bounds.Lower, model.Bounds.Upper, nameof(x));
        Require.AtLeast(draws, 1, nameof(draws));
        using var streams = seed is null ? null : model.LendStreams(seed);
        using var noGrad = no_grad();
        using var clipped = model.Bounds.Clip(x);
        var count = model.IsRandom ? draws : 1;
        var most = (int)Math.Max(1, RowsPerPass / x.shape[0]);
        Tensor? sum = null;
        for (var left = count; left > 0; left -= most)
        {
            using var scope = NewDisposeScope();
            var next = part(model.ComputeLogits(clipped, Math.Min(left, most)));
            sum = sum?.add_(next) ?? next.MoveToOuterDisposeScope();
        }
        return (sum!, count);
    }
}
