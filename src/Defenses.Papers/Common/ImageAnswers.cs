using Defenses.Zoo;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>Which images a network recognises, one by one: what paired comparisons and choices of images need.</summary>
public static class ImageAnswers
{
    private const int BatchSize = 250;

    /// <summary>Whether each image of a set is recognised, in order, computed batch by batch as the answers are taken.</summary>
    /// <param name="logits">(N, …) → (N, classes).</param>
    public static IEnumerable<bool> Right(Func<Tensor, Tensor> logits, DataSet data, CancellationToken cancellation = default)
    {
        for (long start = 0; start < data.Count; start += BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var right in Batch(logits, data, start)) yield return right;
        }
    }

    private static bool[] Batch(Func<Tensor, Tensor> logits, DataSet data, long start)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var count = Math.Min(BatchSize, data.Count - start);
        return logits(data.Images(start, count)).argmax(1).eq(data.Labels.narrow(0, start, count)).data<bool>().ToArray();
    }
}
