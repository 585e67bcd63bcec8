using Defenses.Models;
using Defenses.Training;
using static TorchSharp.torch;

namespace DefenseBench.Protocols.Jump;

/// <summary>MNIST as the paper feeds its networks: (x − 0.1307) / 0.3081.</summary>
internal sealed class NormalizedData(ITrainingData data) : ITrainingData
{
    internal const double Mean = 0.1307, Deviation = 0.3081;

    /// <summary>From pixels in [0, 1] to what a network is fed with.</summary>
    internal static Func<Tensor, Tensor> Normalize { get; } = Preprocessing.Normalize([Mean], [Deviation]);

    /// <summary>The range of normalised pixels.</summary>
    internal static Bounds Bounds { get; } = new((0 - Mean) / Deviation, (1 - Mean) / Deviation);

    public long Count => data.Count;

    public (Tensor Images, Tensor Labels) Batch(ReadOnlySpan<long> indices)
    {
        var (images, labels) = data.Batch(indices);
        using var _ = images;
        return (Normalize(images), labels);
    }
}
