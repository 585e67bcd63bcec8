using Defenses.Training;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>Images normalised for the networks of the paper.</summary>
internal sealed class NormalizedData(ITrainingData data, Normalization normalization) : ITrainingData
{
    public long Count => data.Count;

    public (Tensor Images, Tensor Labels) Batch(ReadOnlySpan<long> indices)
    {
        var (images, labels) = data.Batch(indices);
        using var _ = images;
        return (normalization.Apply(images), labels);
    }
}
