using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>The mean cross-entropy of softmax(logits / T) and the labels, classes or probabilities.</summary>
public sealed class CrossEntropyObjective : TrainingObjective
{
    /// <summary>T, above 0; by default 1. A value above 1 is used in defensive distillation (Papernot et al. 2016).</summary>
    public double Temperature { get; init => field = Require.Positive(value, nameof(Temperature)); } = 1;

    /// <inheritdoc/>
    protected internal override (Tensor Loss, Tensor Logits) Compute(
        nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, RandomSource random)
    {
        var logits = ForwardPass.Run(network, images);
        return (Loss(Temperature == 1 ? logits : logits / Temperature, labels), logits);
    }

    /// <inheritdoc/>
    public override string ToString() => Temperature == 1 ? "cross-entropy" : FormattableString.Invariant($"cross-entropy at temperature {Temperature}");

    /// <summary>The mean over (N, classes) logits and their labels.</summary>
    /// <exception cref="InvalidOperationException">The output of the network is not one row of logits per example.</exception>
    /// <exception cref="ArgumentException">The labels do not fit the logits.</exception>
    internal static Tensor Loss(Tensor logits, Tensor labels)
    {
        if (logits.dim() != 2 || logits.shape[0] != labels.shape[0] || logits.shape[1] < 2)
            throw new InvalidOperationException(
                $"The network must give logits of shape ({labels.shape[0]}, classes), two classes or more, for a batch of {labels.shape[0]}; it gave " +
                $"{Require.Shape(logits)}. A network with one logit is trained with two outputs, or with a TrainingObjective of binary cross-entropy.");
        Require.ClassesOrProbabilities(labels, logits.shape[0], nameof(labels));
        if (labels.dim() == 2) RequireSameShape(logits, labels);
        else if (labels.device_type == DeviceType.CPU) Require.Labels(labels, logits.shape[0], logits.shape[1], nameof(labels));
        return nn.functional.cross_entropy(logits, labels);
    }

    private static void RequireSameShape(Tensor logits, Tensor labels)
    {
        if (!labels.shape.SequenceEqual(logits.shape))
            throw new ArgumentException(
                $"labels that are probabilities must have the shape of the logits, {Require.Shape(logits)}; they have {Require.Shape(labels)}.",
                nameof(labels));
    }
}
