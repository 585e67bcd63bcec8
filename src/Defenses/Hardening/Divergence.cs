using Defenses.Attacks;
using static TorchSharp.torch;

namespace Defenses.Hardening;

/// <summary>How far predictions are from those of reference, KL(p ‖ softmax(z)): (N, classes) → (N,). For whole batches only: row i belongs to row i.</summary>
/// <param name="reference">log p, (N, classes).</param>
internal sealed class Divergence(Tensor reference) : Loss
{
    public override Tensor Value(Tensor logits, Goal goal) => Of(logits);

    internal Tensor Of(Tensor logits)
    {
        using var scope = NewDisposeScope();
        return (reference.exp() * (reference - logits.log_softmax(-1))).sum(1).MoveToOuterDisposeScope();
    }

    public override string ToString() => "divergence";
}
