using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>What one differentiation of a model gives: the input gradient, and the loss and logits it was taken at.</summary>
public sealed class LossGradient : IDisposable
{
    /// <summary>Takes ownership of the three tensors.</summary>
    public LossGradient(Tensor gradient, Tensor loss, Tensor logits) => (Gradient, Loss, Logits) = (gradient, loss, logits);

    /// <summary>The gradient of the summed loss with respect to the input, (N, …).</summary>
    public Tensor Gradient { get; }

    /// <summary>The loss of each example, (N,). Over several draws: the mean.</summary>
    public Tensor Loss { get; }

    /// <summary>The logits, (N, classes). Over several draws: the logarithm of the mean probabilities.</summary>
    public Tensor Logits { get; }

    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        Gradient.Dispose();
        Loss.Dispose();
        Logits.Dispose();
    }

    /// <summary>Hands the tensors over to the scope around the current one.</summary>
    internal LossGradient MoveToOuterDisposeScope()
    {
        Gradient.MoveToOuterDisposeScope();
        Loss.MoveToOuterDisposeScope();
        Logits.MoveToOuterDisposeScope();
        return this;
    }
}
