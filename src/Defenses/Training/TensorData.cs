using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>Examples in two tensors in memory.</summary>
public sealed class TensorData : ITrainingData
{
    private readonly Tensor _images, _labels;

    /// <summary>Wraps tensors. The caller keeps ownership; they must live as long as this object.</summary>
    /// <param name="images">Floating point, (N, …).</param>
    /// <param name="labels">(N,) int64 classes, or (N, classes) probabilities in floating point.</param>
    /// <exception cref="ArgumentException">A shape or a dtype breaks these rules.</exception>
    public TensorData(Tensor images, Tensor labels)
    {
        _images = Require.Batch(images, nameof(images));
        _labels = Require.ClassesOrProbabilities(labels, images.shape[0], nameof(labels));
        if (labels.dim() == 1) Require.Labels(labels, images.shape[0], long.MaxValue, nameof(labels));
        Count = images.shape[0];
    }

    /// <inheritdoc/>
    public long Count { get; }

    /// <inheritdoc/>
    public (Tensor Images, Tensor Labels) Batch(ReadOnlySpan<long> indices)
    {
        using var rows = tensor(indices.ToArray(), device: _images.device);
        using var labelRows = rows.to(_labels.device);
        return (_images.index_select(0, rows), _labels.index_select(0, labelRows));
    }
}
