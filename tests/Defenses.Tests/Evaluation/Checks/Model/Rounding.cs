using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

/// <summary>Rounds its input to a few levels: changes little, and lets no gradient through.</summary>
internal sealed class Rounding(int levels) : nn.Module<Tensor, Tensor>(nameof(Rounding))
{
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return ((x * levels).round() / levels).MoveToOuterDisposeScope();
    }
}
