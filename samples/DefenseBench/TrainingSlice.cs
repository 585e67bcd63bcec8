using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace DefenseBench;

/// <summary>The first examples of a data set, for training.</summary>
internal sealed class TrainingSlice(DataSet data, long count) : ITrainingData
{
    public long Count { get; } = Math.Min(count, data.Count);

    public (Tensor Images, Tensor Labels) Batch(ReadOnlySpan<long> indices)
    {
        using var rows = tensor(indices.ToArray());
        return (data.Images(rows), data.Labels.index_select(0, rows));
    }
}
