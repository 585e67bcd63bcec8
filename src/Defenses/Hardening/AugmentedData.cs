using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Hardening;

/// <summary>Other data, followed by adversarial examples with their right labels.</summary>
internal sealed class AugmentedData(ITrainingData data, AdversarialExamples added) : ITrainingData
{
    public long Count => data.Count + added.Images.shape[0];

    public (Tensor Images, Tensor Labels) Batch(ReadOnlySpan<long> indices)
    {
        using var scope = NewDisposeScope();
        var numbers = indices.ToArray();
        long[] own = [.. numbers.Where(number => number < data.Count)], more = [.. numbers.Where(number => number >= data.Count).Select(number => number - data.Count)];
        var rows = tensor(more);
        var (images, labels) = (added.Images.index_select(0, rows), added.Labels.index_select(0, rows));
        if (own.Length > 0)
        {
            var (ownImages, ownLabels) = data.Batch(own);
            (images, labels) = (cat([ownImages.cpu(), images]), cat([ownLabels.cpu(), labels]));
        }
        var (ownPlace, morePlace) = (0L, (long)own.Length);
        var order = tensor(Array.ConvertAll(numbers, number => number < data.Count ? ownPlace++ : morePlace++));
        return (images.index_select(0, order).MoveToOuterDisposeScope(), labels.index_select(0, order).MoveToOuterDisposeScope());
    }
}
