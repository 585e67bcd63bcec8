using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Hardening;

/// <summary>Records the batches that it receives, and returns them.</summary>
internal sealed class Memory() : nn.Module<Tensor, Tensor>(nameof(Memory))
{
    /// <summary>The numbers of each batch in one row.</summary>
    internal List<double[]> Seen { get; } = [];

    /// <summary>Whether it was in training mode at each batch.</summary>
    internal List<bool> Trained { get; } = [];

    public override Tensor forward(Tensor x)
    {
        Seen.Add(Numbers.Of(x));
        Trained.Add(training);
        return x.alias();
    }
}
