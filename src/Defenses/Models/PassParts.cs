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
    /// <param name="network">The network.</param>
    /// <param name="x">Its inputs.</param>
    /// <param name="draws">The draws of a random network.</param>
    /// <param name="tallies">The counts of the runs that the pass is a part of: a run searches the modules once.</param>
    internal static Tensor Run(nn.Module<Tensor, Tensor> network, Tensor x, int draws, IReadOnlyList<QueryTally> tallies)
    {
        var most = (NumberTypes.IsHalf(x.dtype) ? RowsOf16Bits : Rows) * get_num_threads();
        if (draws > 1 || x.shape[0] <= most || !CanDivide(network, x, tallies)) return DrawFolding.Run(network, x, draws);
        using var scope = NewDisposeScope();
        var parts = x.chunk((x.shape[0] + most - 1) / most);
        return cat([.. parts.Select(part => DrawFolding.Run(network, part, 1))]).MoveToOuterDisposeScope();
    }

    private static bool CanDivide(nn.Module network, Tensor x, IReadOnlyList<QueryTally> tallies) => x.dim() == 4 && x.device_type == DeviceType.CPU
        && (tallies is [var first, ..] ? first.Ledger.DivisionOf(network) : new PassDivision(network)).IsHarmless;
}

/// <summary>Whether passes of a network can be divided, from one search of its modules.</summary>
internal sealed class PassDivision(nn.Module network)
{
    private readonly bool _isConvolutional = network.parameters().Any(weight => weight.dim() == 4);
    private readonly StochasticLayer[] _layers = [.. network.StochasticLayers().Select(found => found.Layer)];
    private readonly ForwardHooks _hooks = new(network);

    /// <summary>Whether nothing changes by it at present: no layer draws, and no hook sees the parts.</summary>
    internal bool IsHarmless => _isConvolutional && !_layers.Any(layer => layer.IsActive && layer.FixedDraw is null) && !_hooks.Any;
}
