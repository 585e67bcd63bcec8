using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

/// <summary>The identity, with a gradient whose sign depends on the last digits of the input: half of the steps go the wrong way.</summary>
internal sealed class Chaotic() : nn.Module<Tensor, Tensor>(nameof(Chaotic))
{
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var sign = (x.detach().flatten(1).sum(dim: 1) * 1e4).cos().sign().view(-1, 1, 1, 1);
        return (x.detach() + sign * (x - x.detach())).MoveToOuterDisposeScope();
    }
}
