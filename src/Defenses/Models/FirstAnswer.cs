using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>What the first answer of a network shows: the number of classes, and whether these are logits at all.</summary>
internal static class FirstAnswer
{
    /// <summary>The number of classes in the logits of a first batch, (N, classes).</summary>
    /// <exception cref="InvalidOperationException">They are no logits, or no numbers.</exception>
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
