using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>A pass of a convolutional network over many images, in parts whose activations stay within reach of the processor's cache.</summary>
/// <remarks>
/// 100 images of the HRS paper's MNIST network take 0.86 of the time in two parts (one thread; docs/results.md). The outputs are joined before the loss, so the
/// gradient is that of the whole batch. A random network is not divided: its draws would come in another order. Nor is one with forward hooks, which would
/// run once for each part.
/// </remarks>
internal static class PassParts
{
    private const int Rows = 64, RowsOf16Bits = 128;   // for each thread

    /// <summary>The output of the network: (N, …) → (draws·N, …).</summary>
    internal static Tensor Run(nn.Module<Tensor, Tensor> network, Tensor x, int draws)
    {
        var most = (NumberTypes.IsHalf(x.dtype) ? RowsOf16Bits : Rows) * get_num_threads();
        if (draws > 1 || x.shape[0] <= most || !CanDivide(network, x)) return DrawFolding.Run(network, x, draws);
        using var scope = NewDisposeScope();
        var parts = x.chunk((x.shape[0] + most - 1) / most);
        return cat([.. parts.Select(part => DrawFolding.Run(network, part, 1))]).MoveToOuterDisposeScope();
    }

    private static bool CanDivide(nn.Module network, Tensor x) =>
        x.dim() == 4 && x.device_type == DeviceType.CPU && network.parameters().Any(weight => weight.dim() == 4) && !network.IsRandom()
        && !ForwardHooks.Any(network);
}
