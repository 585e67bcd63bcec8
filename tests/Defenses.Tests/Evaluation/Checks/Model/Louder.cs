using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

/// <summary>Multiplies logits: the answers stay, the confidence does not.</summary>
internal sealed class Louder(double factor) : nn.Module<Tensor, Tensor>(nameof(Louder))
{
    public override Tensor forward(Tensor x) => x * factor;
}
