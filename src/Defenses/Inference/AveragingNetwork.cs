using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Inference;

/// <summary>Decides by the mean of the class probabilities over draws, or over several networks (a defensive ensemble).</summary>
/// <remarks>
/// Shape: (N, …) → (N, classes), the logarithm of the mean probabilities: logits whose softmax is the mean. Differentiable through all
/// draws, whose graphs are kept together. If they do not fit into memory, an attacker uses <see cref="Models.Eot"/>, the mean of the gradients.
/// Source: Ge et al. 2020, "Random Spiking"; Liu et al. 2018, "Random Self-Ensemble". Differs: probabilities are averaged, never logits.
/// </remarks>
public sealed class AveragingNetwork : DecidingNetwork
{
    /// <summary>Averages over draws of one random network.</summary>
    /// <param name="network">Gives logits, (N, …) → (N, classes).</param>
    /// <param name="draws">Draws for one decision, at least 1.</param>
    public AveragingNetwork(nn.Module<Tensor, Tensor> network, int draws) : this([Require.NotNull(network, nameof(network))], draws) { }

    /// <summary>Averages over several networks with equal weight; each random network makes the given number of draws.</summary>
    /// <param name="networks">At least one; each gives logits for the same classes.</param>
    /// <param name="draws">Draws of each for one decision, at least 1 (default).</param>
    public AveragingNetwork(IReadOnlyList<nn.Module<Tensor, Tensor>> networks, int draws = 1) : base(nameof(AveragingNetwork), networks, draws) { }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var mean = new LogMean();
        ForEachDraw(input, mean.Add);
        return mean.Value.MoveToOuterDisposeScope();
    }

    /// <summary>The decision's probabilities without a graph: (N, …) → (N, classes), rows that sum to 1.</summary>
    public Tensor Probabilities(Tensor x)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return call(x).exp().MoveToOuterDisposeScope();
    }
}

/// <summary>The logarithm of a mean of probabilities, accumulated part by part in log space.</summary>
internal sealed class LogMean
{
    private readonly List<Tensor> _parts = [];
    private long _count;

    /// <summary>log((1/n) Σ softmax), (N, classes).</summary>
    internal Tensor Value
    {
        get
        {
            using var scope = NewDisposeScope();
            return (stack(_parts).logsumexp(0) - Math.Log(_count)).MoveToOuterDisposeScope();
        }
    }

    /// <summary>Adds draws, (some, N, classes), each with a weight.</summary>
    internal void Add(Tensor logits, int weight)
    {
        using var scope = NewDisposeScope();
        var sum = logits.log_softmax(-1).logsumexp(0);
        if (weight > 1) sum = sum + Math.Log(weight);
        _parts.Add(sum.MoveToOuterDisposeScope());
        _count += logits.shape[0] * weight;
    }
}
