using Defenses.Randomness;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Training;

/// <summary>Well separated clouds of points, one per class.</summary>
internal sealed class Blobs : ITrainingData, IDisposable
{
    internal const int Features = 6, Classes = 3;
    private readonly Tensor _points, _labels;
    private readonly TensorData _data;

    internal Blobs(int count = 120, ulong seed = 3, double spread = 0.3)
    {
        using var random = new RandomSource(seed);
        using var scope = NewDisposeScope();
        var labels = arange(0, count, dtype: ScalarType.Int64) % Classes;
        var centers = eye(Features).narrow(0, 0, Classes);
        _points = (centers.index_select(0, labels) + random.Normal(zeros(count, Features)) * spread).DetachFromDisposeScope();
        _labels = labels.DetachFromDisposeScope();
        _data = new TensorData(_points, _labels);
    }

    internal Tensor Points => _points;

    internal int Batches { get; private set; }

    /// <summary>Called before each batch with its number, from 1; may throw, as a killed process stops.</summary>
    internal Action<int>? Before { get; set; }

    public long Count => _data.Count;

    public (Tensor Images, Tensor Labels) Batch(ReadOnlySpan<long> indices)
    {
        Batches++;
        Before?.Invoke(Batches);
        return _data.Batch(indices);
    }

    public void Dispose()
    {
        _points.Dispose();
        _labels.Dispose();
    }
}
