using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Gradients with respect to inputs. A network without gradients does not end the process.</summary>
internal static class Differentiation
{
    /// <summary>∂total/∂leaf.</summary>
    /// <exception cref="NoGradientException">The total is not connected to the leaf.</exception>
    internal static Tensor InputGradient(Tensor total, Tensor leaf, bool retain) => GradientOrNull(total, leaf, retain) ?? throw new NoGradientException();

    /// <summary>∂total/∂leaf, or null where the total is not connected to the leaf. torch ends the process when nothing in a graph
    /// requires a gradient, so this is checked first.</summary>
    internal static Tensor? GradientOrNull(Tensor total, Tensor leaf, bool retain)
    {
        if (!total.requires_grad) return null;
        var gradient = autograd.grad([total], [leaf], retain_graph: retain, create_graph: false, allow_unused: true)[0];
        if (gradient is null || gradient.IsInvalid) return null;
        return HasMemoryOfItsOwn(gradient) ? gradient : gradient.clone();
    }

    // The gradient of a sum is one number that is broadcast over all elements; such a tensor is not writable.
    private static bool HasMemoryOfItsOwn(Tensor x) => !x.stride().Zip(x.shape).Any(step => step.First == 0 && step.Second > 1);

    /// <summary>The gradients of all outputs: (N, classes), (N, …) → (N, classes, …).</summary>
    internal static Tensor Jacobian(Tensor outputs, Tensor leaf)
    {
        var rows = new Tensor[outputs.shape[1]];
        for (var k = 0; k < rows.Length; k++)
        {
            using var total = outputs.select(1, k).sum();
            rows[k] = InputGradient(total, leaf, retain: k < rows.Length - 1);
        }
        return stack(rows, 1);
    }

    /// <summary>The gradients of functions of the logits, (N, classes) → (N, K), by the chain rule: (N, classes, …) → (N, K, …).</summary>
    internal static Tensor Chain(Tensor jacobian, Tensor logits, Func<Tensor, Tensor> outputs)
    {
        using var withGrad = enable_grad();
        using var scope = NewDisposeScope();
        var leaf = logits.detach().requires_grad_(true);
        var weights = Jacobian(outputs(leaf), leaf);   // (N, K, classes)
        return weights.bmm(jacobian.flatten(2)).view([jacobian.shape[0], weights.shape[1], .. jacobian.shape[2..]]).detach().MoveToOuterDisposeScope();
    }
}
