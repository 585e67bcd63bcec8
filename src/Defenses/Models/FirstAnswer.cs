using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Checks that the first output of a network holds logits, and reads the number of classes from it.</summary>
internal static class FirstAnswer
{
    /// <summary>The number of classes in the logits of a first batch, (N, classes).</summary>
    /// <exception cref="InvalidOperationException">The output holds probabilities, or NaN.</exception>
    internal static long Classes(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var detached = logits.detach();
        if (detached.isnan().any().ToBoolean())
            throw new InvalidOperationException("The network gave NaN for its first batch. Check its weights, its preprocessing and the range of its input.");
        var unit = detached.min().ToDouble() >= 0 && detached.max().ToDouble() <= 1 + 1e-6;
        if (unit && (detached.sum(1) - 1).abs().max().ToDouble() < 1e-3)
            throw new InvalidOperationException(
                "The network gives probabilities (each row sums to 1), and attacks need logits. Remove its softmax, or wrap the network " +
                "in a module that takes the logarithm of its output.");
        return logits.shape[1];
    }
}
