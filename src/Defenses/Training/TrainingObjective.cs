using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>What a training minimises, batch by batch.</summary>
public abstract class TrainingObjective
{
    /// <summary>The loss of one batch.</summary>
    /// <param name="network">In training mode.</param>
    /// <param name="images">(N, …), on the network's device.</param>
    /// <param name="labels">(N,) int64 or (N, classes), on the network's device.</param>
    /// <param name="random">A stream of this step alone: the same when a run is resumed.</param>
    /// <returns>The loss, a scalar mean over the batch; and the logits behind it, (…, N, classes), from which accuracy is counted;
    /// (N, 0) where nothing is recognised.</returns>
    protected internal abstract (Tensor Loss, Tensor Logits) Compute(
        nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, RandomSource random);

    /// <summary>What is minimised with all its settings: a run is resumed with the same text only.</summary>
    public abstract override string ToString();
}
