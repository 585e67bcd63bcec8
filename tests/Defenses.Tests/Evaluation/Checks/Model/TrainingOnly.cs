using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

/// <summary>A defense that follows <c>training</c>: shifts its input in training mode only, by another amount at every pass if it is to look random.</summary>
internal sealed class TrainingOnly(bool random, bool withBuffer = false) : nn.Module<Tensor, Tensor>(nameof(TrainingOnly))
{
    private int _passes;

    internal TrainingOnly With(Tensor buffer)
    {
        register_buffer("mean", buffer);
        return this;
    }

    public override Tensor forward(Tensor x)
    {
        if (!training) return x.alias();
        if (withBuffer) using (no_grad()) get_buffer("mean")!.add_(1);
        return x + (random ? 0.1 * (++_passes % 7) : 0.1);
    }
}
