using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>Trains on noisy images: each image gets fresh noise N(0, std²) in every epoch; another objective computes the loss.</summary>
/// <remarks>
/// The training that randomized smoothing needs for its base network (Cohen, Rosenfeld and Kolter 2019, section 3.3;
/// noisy images are not clipped). With noise of strength 0, or with a share of 0, the result is exactly that of the other objective.
/// </remarks>
public sealed class GaussianAugmentation : TrainingObjective
{
    /// <summary>Adds noise.</summary>
    /// <param name="std">The standard deviation of the noise, in the units of the images, 0 or above.</param>
    /// <param name="objective">The objective on the noisy images; by default the cross-entropy.</param>
    public GaussianAugmentation(double std, TrainingObjective? objective = null)
    {
        Std = Require.NotNegative(std, nameof(std));
        Objective = objective ?? new CrossEntropyObjective();
    }

    /// <summary>The standard deviation of the noise, in the units of the images.</summary>
    public double Std { get; }

    /// <summary>The objective on the noisy images.</summary>
    public TrainingObjective Objective { get; }

    /// <summary>The share of each batch that gets noise, in [0, 1]; by default 1. Batches are shuffled: the first ⌊share·N⌋ examples get it.</summary>
    public double Share { get; init => field = Require.Within(value, 0, 1, nameof(Share)); } = 1;

    /// <inheritdoc/>
    protected internal override (Tensor Loss, Tensor Logits) Compute(
        nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, RandomSource random)
    {
        var count = Shares.Of(Share, images.shape[0]);
        if (Std == 0 || count == 0) return Objective.Compute(network, images, labels, random);
        using var source = new RandomSource(Seeds.Combine(random.Seed, nameof(GaussianAugmentation)));
        var part = images.narrow(0, 0, count);
        var noisy = part + source.Normal(part, Std);
        return Objective.Compute(network, count == images.shape[0] ? noisy : cat([noisy, images.narrow(0, count, images.shape[0] - count)]), labels, random);
    }

    /// <inheritdoc/>
    protected internal override TrainingObjective At(double progress) => new GaussianAugmentation(Std, Objective.At(progress)) { Share = Share };

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Objective}, noise {Std} on a share of {Share}");
}
