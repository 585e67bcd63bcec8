using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Hardening;

/// <summary>Adversarial examples on the CPU: images (N, …), their right classes (N,), the sizes of the perturbations (N,).</summary>
internal sealed class AdversarialExamples(Tensor images, Tensor labels, Tensor sizes) : IDisposable
{
    internal Tensor Images => images;

    internal Tensor Labels => labels;

    internal Tensor Sizes => sizes;

    /// <summary>What has to be saved.</summary>
    internal IReadOnlyList<(string Name, Tensor Value)> State => [("images", images), ("labels", labels), ("sizes", sizes)];

    /// <summary>Those that are not larger.</summary>
    internal AdversarialExamples Within(double largest) => Select((sizes <= largest).nonzero().squeeze(1));

    /// <summary>The smallest of all, smallest first; of equals the earlier.</summary>
    internal static AdversarialExamples Smallest(IReadOnlyList<AdversarialExamples> parts, int most)
    {
        using var scope = NewDisposeScope();
        var all = new AdversarialExamples(
            cat([.. parts.Select(part => part.Images)]), cat([.. parts.Select(part => part.Labels)]), cat([.. parts.Select(part => part.Sizes)]));
        var values = all.Sizes.data<double>().ToArray();
        long[] order = [.. Enumerable.Range(0, values.Length).OrderBy(i => values[i]).Take(most).Select(i => (long)i)];
        return all.Select(tensor(order)).MoveToOuterDisposeScope();
    }

    internal AdversarialExamples MoveToOuterDisposeScope()
    {
        foreach (var (_, value) in State) value.MoveToOuterDisposeScope();
        return this;
    }

    internal AdversarialExamples DetachFromDisposeScope()
    {
        foreach (var (_, value) in State) value.DetachFromDisposeScope();
        return this;
    }

    public void Dispose()
    {
        foreach (var (_, value) in State) value.Dispose();
    }

    private AdversarialExamples Select(Tensor rows) => new(images.index_select(0, rows), labels.index_select(0, rows), sizes.index_select(0, rows));
}
