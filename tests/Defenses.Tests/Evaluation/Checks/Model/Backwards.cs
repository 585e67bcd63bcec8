using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

/// <summary>The identity, with a gradient that points the wrong way.</summary>
internal sealed class Backwards() : nn.Module<Tensor, Tensor>(nameof(Backwards))
{
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return (2 * x.detach() - x).MoveToOuterDisposeScope();
    }
}
