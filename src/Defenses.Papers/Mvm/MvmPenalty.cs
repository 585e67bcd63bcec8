using Defenses.Randomness;
using Defenses.Training;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>The cross-entropy and 0.01·Σw² over the weights and biases of some layers, as Feinman trains his CIFAR-10 network.</summary>
/// <param name="layers">Their names in the network.</param>
internal sealed class MvmPenalty(string[] layers) : TrainingObjective
{
    private const double Weight = 0.01;

    /// <inheritdoc/>
    protected override (Tensor Loss, Tensor Logits) Compute(nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, RandomSource random)
    {
        var logits = network.call(images);
        var loss = nn.functional.cross_entropy(logits, labels);
        foreach (var (name, weight) in network.named_parameters())
            if (layers.Contains(name.Split('.')[0])) loss = loss + Weight * weight.pow(2).sum();
        return (loss, logits);
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"cross-entropy and {Weight} of the squared weights of {string.Join(", ", layers)}");
}
