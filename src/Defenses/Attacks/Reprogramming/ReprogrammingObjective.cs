using Defenses.Models;
using Defenses.Randomness;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The cross-entropy of a frozen model's answers behind a program, as a loss of the program alone.</summary>
/// <remarks>The model is asked for the gradient at its input only; multiplied by the program's output it carries on into the program's weights.</remarks>
internal sealed class ReprogrammingObjective(ModelView model, InputProgram program) : TrainingObjective
{
    /// <inheritdoc/>
    public override string ToString() => $"reprogramming, {program.Describe()}, through {model.GetType().Name}";

    /// <inheritdoc/>
    protected internal override (Tensor Loss, Tensor Logits) Compute(nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, RandomSource random)
    {
        using var numbers = model.LendNumbers((ulong)random.Index(long.MaxValue));
        Require.Labels(labels, images.shape[0], model.Classes, nameof(labels));
        var inputs = ForwardPass.Run(network, images);
        var goal = Goal.Reach(labels);
        var look = model.ComputeGradient(inputs.detach(), logits => -Loss.CrossEntropy.Value(logits, goal));
        var carrier = (inputs * look.Gradient).sum() / images.shape[0];
        var loss = carrier - carrier.detach() + look.Loss.mean();
        if (program.Penalty() is { } penalty) loss = loss + penalty;
        return (loss, look.Logits);
    }
}
