using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>The batches of one epoch after the other, on a device.</summary>
internal sealed class ShuffledData(ITrainingData data, int batchSize, Device device)
{
    private long[] _order = [];

    internal long StepsPerEpoch => (data.Count + batchSize - 1) / batchSize;

    internal void Begin(ulong seed) => _order = Shuffle.Order(data.Count, seed);

    /// <summary>The examples of a step of the epoch, counted from 0; the last may have fewer.</summary>
    internal (Tensor Images, Tensor Labels) Batch(long step)
    {
        var start = (int)step * batchSize;
        var indices = _order.AsSpan(start, Math.Min(batchSize, _order.Length - start));
        var (images, labels) = data.Batch(indices);
        if (images.shape[0] != indices.Length || labels.shape[0] != indices.Length)
            throw new InvalidOperationException(
                $"The training data must give one image and one label per index; for {indices.Length} it gave {Require.Shape(images)} and {Require.Shape(labels)}.");
        return (images.to(device), labels.to(device));
    }
}
