using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>A gradient averaged over as many looks as it takes to stand out of their noise.</summary>
internal static class ClearGradient
{
    /// <summary>The means over looks that go on until half of the examples are clear or there were <paramref name="most"/>; at least two if so many are allowed.</summary>
    /// <param name="look">One fresh look.</param>
    /// <param name="most">The most looks, at least 1.</param>
    /// <param name="ratio">The signal-to-noise ratio of a clear example.</param>
    internal static LossGradient Find(Func<LossGradient> look, int most, double ratio)
    {
        using var scope = NewDisposeScope();
        var first = look();
        var (losses, probabilities) = (first.Loss, first.Logits.softmax(-1));
        using var moments = new GradientMoments(first.Gradient);
        moments.Add(first.Gradient);
        while (moments.Count < most && !moments.IsClear(ratio))
        {
            using var inner = NewDisposeScope();
            var next = look();
            moments.Add(next.Gradient);
            losses.add_(next.Loss);
            probabilities.add_(next.Logits.softmax(-1));
        }

        return new LossGradient(moments.Mean.clone(), losses / moments.Count, (probabilities / moments.Count).log()).MoveToOuterDisposeScope();
    }
}
