using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Contracts;

/// <summary>A network behind a function of its logits.</summary>
internal sealed class ChangedAnswer : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor> _inner;
    private readonly Func<Tensor, Tensor> _change;

    internal ChangedAnswer(nn.Module<Tensor, Tensor> inner, Func<Tensor, Tensor> change) : base(nameof(ChangedAnswer))
    {
        (_inner, _change) = (inner, change);
        RegisterComponents();
        eval();
    }

    /// <summary>One class of four, the last, gets a score of its own.</summary>
    internal static ChangedAnswer Masked(nn.Module<Tensor, Tensor> inner, double score) =>
        new(inner, logits => cat([logits.narrow(1, 0, 3), full_like(logits.narrow(1, 3, 1), score)], 1));

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return _change(_inner.call(x)).MoveToOuterDisposeScope();
    }
}
