using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>The result of one gradient query: the gradient with respect to the input, with the loss and the logits at this input.</summary>
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

    /// <summary>Moves the tensors to the scope around the current one.</summary>
    internal LossGradient MoveToOuterDisposeScope()
    {
        Gradient.MoveToOuterDisposeScope();
        Loss.MoveToOuterDisposeScope();
        Logits.MoveToOuterDisposeScope();
        return this;
    }
}
