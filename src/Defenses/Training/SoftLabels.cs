using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>The images of other data, labelled with what a teacher says of them at a temperature.</summary>
internal sealed class SoftLabels : ITrainingData, IDisposable
{
    private const int BatchSize = 250;
    private readonly ITrainingData _data;
    private readonly Tensor _labels;

    /// <param name="data">The images.</param>
    /// <param name="teacher">Asked in evaluation mode with chance taken out; left in evaluation mode.</param>
    /// <param name="temperature">T in softmax(logits / T).</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    internal SoftLabels(ITrainingData data, nn.Module<Tensor, Tensor> teacher, double temperature, CancellationToken cancellation)
    {
        _data = data;
        teacher.eval();
        using var still = teacher.DisableRandomness();
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var device = teacher.parameters().First().device;
        var parts = new List<Tensor>();
        foreach (var indices in Consecutive.Batches(data.Count, BatchSize, cancellation))
        {
            using var inner = NewDisposeScope();
            var (images, labels) = data.Batch(indices);
            labels.Dispose();
            parts.Add((ForwardPass.Run(teacher, images.to(device)) / temperature).softmax(-1).cpu().MoveToOuterDisposeScope());
        }
        _labels = cat(parts).DetachFromDisposeScope();
    }

    public long Count => _data.Count;

    public (Tensor Images, Tensor Labels) Batch(ReadOnlySpan<long> indices)
    {
        var (images, labels) = _data.Batch(indices);
        labels.Dispose();
        using var rows = tensor(indices.ToArray());
        return (images, _labels.index_select(0, rows));
    }

    public void Dispose() => _labels.Dispose();
}
