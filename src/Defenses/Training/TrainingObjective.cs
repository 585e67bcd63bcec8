using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>The loss that a training minimizes, batch by batch.</summary>
public abstract class TrainingObjective
{
    /// <summary>The loss of one batch.</summary>
    /// <param name="network">In training mode.</param>
    /// <param name="images">(N, …), on the network's device.</param>
    /// <param name="labels">(N,) int64 or (N, classes), on the network's device.</param>
    /// <param name="random">The random stream of this step; the same when a run is resumed.</param>
    /// <returns>The loss, a scalar mean over the batch; and its logits, (…, N, classes), from which the accuracy is counted;
    /// (N, 0) if the objective recognizes no classes.</returns>
    protected internal abstract (Tensor Loss, Tensor Logits) Compute(
        nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, RandomSource random);

    /// <summary>The objective of one step; by default this one in every step. Derived classes override it where the loss changes in the course of the
    /// training.</summary>
    /// <param name="progress">The share of all planned steps that is done after this one, in (0, 1]: the number of the step, from 1, divided by the
    /// number of steps of all epochs. It is the same when a run is resumed.</param>
    /// <returns>An objective, of which only <see cref="Compute"/> is called.</returns>
    protected internal virtual TrainingObjective At(double progress) => this;

    /// <summary>The name of the objective with all its settings. A run can be resumed only with the same text.</summary>
    public abstract override string ToString();
}
