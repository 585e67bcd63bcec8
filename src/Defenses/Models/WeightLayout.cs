using System.Runtime.CompilerServices;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Convolution weights in channels-last strides while a network makes many passes on the CPU.</summary>
/// <remarks>
/// The values stay; only their order in memory changes. The old memory is restored when the last borrower finishes. In the usual layout every
/// convolution spends a third of its time on reordering (docs/decisions/0003-weight-layout.md has the measurement).
/// </remarks>
internal static class WeightLayout
{
    private static readonly Lock Gate = new();
    private static readonly ConditionalWeakTable<Tensor, Loan> Loans = [];

    internal static IDisposable ChannelsLast(IEnumerable<nn.Module> networks)
    {
        lock (Gate)
        {
            using var noGrad = no_grad();
            var borrowed = networks.SelectMany(network => network.parameters()).Where(Borrow).ToArray();
            return new Undo(() => PutBack(borrowed));
        }
    }

    private static bool Borrow(Tensor weight)
    {
        if (Loans.TryGetValue(weight, out var loan))
        {
            loan.Borrowers++;
            return true;
        }
        if (weight.dim() != 4 || weight.device_type != DeviceType.CPU || !weight.is_contiguous()) return false;
        Loans.Add(weight, new Loan(weight.detach().DetachFromDisposeScope()));
        using var scope = NewDisposeScope();
        weight.set_(InChannelsLast(weight));
        return true;
    }

    // The strides are explicit: with one channel torch treats the permuted weight as contiguous, and the first convolution would return its output
    // in the usual order.
    private static Tensor InChannelsLast(Tensor weight)
    {
        var (channels, height, width) = (weight.shape[1], weight.shape[2], weight.shape[3]);
        return weight.permute(0, 2, 3, 1).contiguous().as_strided(weight.shape, [height * width * channels, 1, width * channels, channels]);
    }

    private static void PutBack(IEnumerable<Tensor> borrowed)
    {
        lock (Gate)
        {
            using var noGrad = no_grad();
            foreach (var weight in borrowed)
            {
                if (!Loans.TryGetValue(weight, out var loan) || --loan.Borrowers > 0) continue;
                Loans.Remove(weight);
                weight.set_(loan.Old);
                loan.Old.Dispose();
            }
        }
    }

    private sealed class Loan(Tensor old)
    {
        internal Tensor Old { get; } = old;

        internal int Borrowers { get; set; } = 1;
    }
}
