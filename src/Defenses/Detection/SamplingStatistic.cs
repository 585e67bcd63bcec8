using Defenses.Inference;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>The disagreement of a random network's outputs for one input: (draws, N, classes) logits → (N,), 0 for full agreement.</summary>
public abstract class SamplingStatistic
{
    private SamplingStatistic() { }

    /// <summary>The entropy of the shares of the classes among the predictions, in nats: −Σ f ln f.</summary>
    /// <remarks>
    /// Source: Sheikholeslami, Jain and Giannakis (MVM), section 6.3 of their detection. It takes few values, so there are many ties. It is constant almost
    /// everywhere; for attackers its gradient is replaced by that of <see cref="MeanEntropy"/>.
    /// </remarks>
    public static SamplingStatistic VoteEntropy { get; } = new Votes();

    /// <summary>The entropy of the mean of the class probabilities, in nats.</summary>
    public static SamplingStatistic MeanEntropy { get; } = new Mean();

    /// <summary>The entropy of the mean minus the mean of the entropies, in nats: the disagreement between draws,
    /// without the uncertainty of each draw.</summary>
    /// <remarks>Source: Houlsby et al. 2011 (BALD); Smith and Gal 2018 for adversarial examples.</remarks>
    public static SamplingStatistic MutualInformation { get; } = new Mutual();

    /// <summary>The variance of each class probability over the draws, averaged over the classes.</summary>
    /// <remarks>Source: Feinman et al. 2017 (their "Bayesian uncertainty", with 50 passes of dropout).</remarks>
    public static SamplingStatistic ClassVariance { get; } = new Variance();

    /// <summary>The statistic of each example.</summary>
    /// <param name="logits">The logits of all draws, (draws, N, classes).</param>
    /// <exception cref="ArgumentException">The logits have another number of dimensions, or are empty.</exception>
    public Tensor Of(Tensor logits)
    {
        if (Require.Batch(logits, nameof(logits)).dim() != 3)
            throw new ArgumentException($"logits must have shape (draws, N, classes); they have {Require.Shape(logits)}.", nameof(logits));
        using var scope = NewDisposeScope();
        return Compute(FiniteLogits.Of(logits)).MoveToOuterDisposeScope();
    }

    private protected abstract Tensor Compute(Tensor logits);

    private static Tensor EntropyOfMean(Tensor logits)
    {
        var mean = logits.log_softmax(-1).logsumexp(0) - Math.Log(logits.shape[0]);   // (N, classes)
        return (mean.exp() * mean).sum(-1).neg();
    }

    private sealed class Votes : SamplingStatistic
    {
        private protected override Tensor Compute(Tensor logits) =>
            logits.requires_grad && is_grad_enabled() ? SurrogateGradient.Of(() => Entropy(logits.detach()), EntropyOfMean(logits)) : Entropy(logits);

        /// <inheritdoc/>
        public override string ToString() => nameof(VoteEntropy);

        private static Tensor Entropy(Tensor logits)
        {
            using var scope = NewDisposeScope();
            var shares = Inference.Votes.Count(logits).to_type(logits.dtype) / logits.shape[0];
            return xlogy(shares, shares).sum(-1).neg().abs().MoveToOuterDisposeScope();   // no −0
        }
    }

    private sealed class Mean : SamplingStatistic
    {
        private protected override Tensor Compute(Tensor logits) => EntropyOfMean(logits);

        /// <inheritdoc/>
        public override string ToString() => nameof(MeanEntropy);
    }

    private sealed class Mutual : SamplingStatistic
    {
        private protected override Tensor Compute(Tensor logits)
        {
            var each = logits.log_softmax(-1);
            return (EntropyOfMean(logits) + (each.exp() * each).sum(-1).mean([0])).clamp_min(0);   // rounding may leave it below 0
        }

        /// <inheritdoc/>
        public override string ToString() => nameof(MutualInformation);
    }

    private sealed class Variance : SamplingStatistic
    {
        private protected override Tensor Compute(Tensor logits)
        {
            var probabilities = logits.softmax(-1);
            return (probabilities - probabilities.mean([0])).square().mean([0]).mean([-1]);
        }

        /// <inheritdoc/>
        public override string ToString() => nameof(ClassVariance);
    }
}
