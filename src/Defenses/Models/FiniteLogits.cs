using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Logits whose differences are numbers: ±∞ becomes ±10³⁰.</summary>
/// <remarks>
/// A network masks a class by −∞, and an oracle that takes logarithms gives −∞ for a probability of 0. ∞ − ∞ is no number, so losses, margins and averages
/// use these logits. All logits within ±10³⁰ stay as they are. NaN stays NaN: it is no answer. An infinite logit has no gradient.
/// </remarks>
internal static class FiniteLogits
{
    private const double Largest = 1e30, LargestHalf = 65504;

    /// <summary>The same logits within ±10³⁰, differentiable: any shape.</summary>
    internal static Tensor Of(Tensor logits)
    {
        var most = logits.dtype == ScalarType.Float16 ? LargestHalf : Largest;
        return logits.clamp(-most, most);
    }

    /// <summary>Losses to compare with each other: finite, and a loss that is NaN is the smallest, so that it loses against every number.</summary>
    internal static Tensor Comparable(Tensor losses) => Of(losses).nan_to_num(nan: -Largest);
}

/// <summary>The logarithm of mean probabilities, exact also where the probabilities are too small for their number format.</summary>
/// <remarks>
/// The mean of probabilities is summed as it is. Only where it is 0 (logits that differ by more than about 100) is the logarithm of the sum taken from the
/// logarithms of the probabilities, so that such classes keep their order.
/// </remarks>
internal sealed class MeanAnswer
{
    private readonly Tensor _sum, _log;
    private double _weight;

    /// <summary>Begins with the logits of a first draw or member, (…, classes).</summary>
    internal MeanAnswer(Tensor logits, double weight = 1)
    {
        var finite = FiniteLogits.Of(logits);
        (_sum, _weight) = (finite.softmax(-1), weight);
        if (weight != 1) _sum.mul_(weight);
        _log = finite.log_softmax(-1).add_(Math.Log(weight));
    }

    /// <summary>Adds the logits of another draw or member.</summary>
    /// <param name="logits">(…, classes).</param>
    /// <param name="weight">Its weight, above 0.</param>
    /// <param name="fused">Whether the product with the weight is added without rounding.</param>
    internal void Add(Tensor logits, double weight = 1, bool fused = false)
    {
        using var scope = NewDisposeScope();
        var finite = FiniteLogits.Of(logits);
        if (fused) _sum.add_(finite.softmax(-1), alpha: weight);
        else _sum.add_(finite.softmax(-1).mul_(weight));
        _log.copy_(logaddexp(_log, finite.log_softmax(-1).add_(Math.Log(weight))));
        _weight += weight;
    }

    /// <summary>The logarithm of the mean: a new tensor.</summary>
    /// <param name="divide">Whether the sum is divided by the weights; false where they sum to 1.</param>
    internal Tensor Log(bool divide = true)
    {
        using var scope = NewDisposeScope();
        var mean = divide ? _sum / _weight : _sum;
        return Exact(mean, divide ? _log - Math.Log(_weight) : _log).MoveToOuterDisposeScope();
    }

    /// <summary>The logarithm of the mean probabilities over the first dimension, differentiable: (draws, …, classes) → (…, classes).</summary>
    internal static Tensor Of(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var finite = FiniteLogits.Of(logits);
        var mean = finite.softmax(-1).mean([0]);
        using var zero = mean.detach().eq(0).any();
        if (!zero.ToBoolean()) return mean.log().MoveToOuterDisposeScope();
        return Exact(mean, finite.log_softmax(-1).logsumexp(0) - Math.Log(logits.shape[0])).MoveToOuterDisposeScope();
    }

    // log(mean), and where the mean is 0 the other logarithm. The logarithm of 0 is not computed: its slope is no number.
    private static Tensor Exact(Tensor mean, Tensor log)
    {
        var tooSmall = mean.detach().eq(0);
        return where(tooSmall, log, where(tooSmall, ones_like(mean), mean).log());
    }
}
