using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

/// <summary>Draws, so to speak, without being a stochastic layer: another shift at every pass.</summary>
internal sealed class Drift() : nn.Module<Tensor, Tensor>(nameof(Drift))
{
    private int _passes;

    public override Tensor forward(Tensor x) => x + 0.05 * (++_passes % 7);
}
