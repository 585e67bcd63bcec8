using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Inference;

/// <summary>The same logits for every input.</summary>
internal sealed class Fixed : nn.Module<Tensor, Tensor>
{
    private readonly float[] _logits;

    internal Fixed(params float[] logits) : base(nameof(Fixed))
    {
        _logits = logits;
        eval();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return tensor(_logits, dtype: x.dtype).expand(x.shape[0], -1).clone().MoveToOuterDisposeScope();
    }
}
