using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Convolution weights in channels-last strides while a network is looked at many times on the CPU.</summary>
/// <remarks>
/// The values stay; only their order in memory changes, and the old memory is put back on dispose. Without it every convolution
/// spends a third of its time on reordering (docs/decisions/0003-weight-layout.md has the measurement).
/// </remarks>
internal static class WeightLayout
{
    internal static IDisposable ChannelsLast(IEnumerable<nn.Module> networks)
    {
        using var noGrad = no_grad();
        var changed = new List<(Tensor Weight, Tensor Old)>();
        foreach (var weight in networks.SelectMany(network => network.parameters()))
        {
            if (weight.dim() != 4 || weight.device_type != DeviceType.CPU || !weight.is_contiguous()) continue;
            var old = weight.detach().DetachFromDisposeScope();
            using (var scope = NewDisposeScope()) weight.set_(weight.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2));
            changed.Add((weight, old));
        }
        return new Restore(() => PutBack(changed));
    }

    private static void PutBack(List<(Tensor Weight, Tensor Old)> changed)
    {
        using var noGrad = no_grad();
        foreach (var (weight, old) in changed)
        {
            weight.set_(old);
            old.Dispose();
        }
    }
}
