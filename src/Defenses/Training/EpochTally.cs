using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>Sums loss and correct predictions over an epoch on the network's device. They are read only on demand,
/// because reading waits for the device.</summary>
internal sealed class EpochTally : IDisposable
{
    private readonly Tensor _loss, _correct, _seen;

    internal EpochTally(Device device)
    {
        _loss = zeros(1, dtype: ScalarType.Float64, device: device).DetachFromDisposeScope();
        _correct = zeros(1, dtype: ScalarType.Int64, device: device).DetachFromDisposeScope();
        _seen = zeros(1, dtype: ScalarType.Int64).DetachFromDisposeScope();
    }

    /// <summary>The tensors to save.</summary>
    internal IEnumerable<(string Name, Tensor Value)> State => [("epoch.loss", _loss), ("epoch.correct", _correct), ("epoch.seen", _seen)];

    private ref long Seen => ref MemoryMarshal.Cast<byte, long>(_seen.bytes)[0];

    /// <summary>Adds a batch: its mean loss, its logits (…, N, classes), its labels. Logits without columns count as wrong.</summary>
    internal void Add(Tensor loss, Tensor logits, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var predictions = logits.shape.SkipLast(1).Aggregate(1L, (product, length) => product * length);
        _loss.add_(loss, alpha: predictions);
        Seen += predictions;
        if (logits.shape[^1] == 0) return;
        var classes = Require.Classes(labels, nameof(labels));
        _correct.add_(logits.argmax(-1).eq(classes).sum());
    }

    /// <summary>The mean loss (not finite if any loss was not finite) and the fraction of correct predictions; zeros before the first batch.</summary>
    internal (double Loss, double Accuracy) Means()
    {
        var seen = (double)Math.Max(1, Seen);
        return (_loss.ToDouble() / seen, _correct.ToInt64() / seen);
    }

    internal void Clear()
    {
        _loss.fill_(0);
        _correct.fill_(0);
        _seen.fill_(0);
    }

    public void Dispose()
    {
        _loss.Dispose();
        _correct.Dispose();
        _seen.Dispose();
    }
}
