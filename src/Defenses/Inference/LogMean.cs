using static TorchSharp.torch;

namespace Defenses.Inference;

/// <summary>The logarithm of a mean of probabilities, gathered part by part without leaving the logarithm.</summary>
internal sealed class LogMean
{
    private readonly List<Tensor> _parts = [];
    private long _looks;

    /// <summary>log((1/n) Σ softmax), (N, classes).</summary>
    internal Tensor Value
    {
        get
        {
            using var scope = NewDisposeScope();
            return (stack(_parts).logsumexp(0) - Math.Log(_looks)).MoveToOuterDisposeScope();
        }
    }

    /// <summary>Adds looks, (some, N, classes), each with a weight.</summary>
    internal void Add(Tensor logits, int weight)
    {
        using var scope = NewDisposeScope();
        var sum = logits.log_softmax(-1).logsumexp(0);
        if (weight > 1) sum = sum + Math.Log(weight);
        _parts.Add(sum.MoveToOuterDisposeScope());
        _looks += logits.shape[0] * weight;
    }
}
