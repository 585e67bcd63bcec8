using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>How clearly a gradient averaged over draws stands out of the noise of the draws. Owns its tensors.</summary>
/// <remarks>
/// The ratio of an element is |mean| / (standard deviation of single draws / √draws): below about 2 its sign is a guess. The ratio of an
/// example is the length of the true gradient over that of the error, estimated without the bias that the error adds: at 1 the averaged gradient
/// lies about 45° off, at 2 about 27°. A deterministic model has infinite ratios wherever its gradient is not 0.
/// </remarks>
public sealed class GradientSignal : IDisposable
{
    internal GradientSignal(Tensor perElement, Tensor perExample, int draws) => (PerElement, PerExample, Draws) = (perElement, perExample, draws);

    /// <summary>The signal-to-noise ratio of each element, (N, …), 0 or above.</summary>
    public Tensor PerElement { get; }

    /// <summary>The signal-to-noise ratio of each example's whole gradient, (N,), 0 or above.</summary>
    public Tensor PerExample { get; }

    /// <summary>The draws behind the averaged gradient.</summary>
    public int Draws { get; }

    /// <summary>The mean ratio over all elements of all examples.</summary>
    public double Mean
    {
        get
        {
            using var mean = PerElement.mean();
            return mean.to_type(ScalarType.Float64).ToDouble();
        }
    }

    /// <summary>The ratio that a share of all elements does not exceed (nearest rank).</summary>
    /// <param name="share">From 0 (the smallest) to 1 (the largest); 0.5 is the median.</param>
    public double Quantile(double share)
    {
        Require.Within(share, 0, 1, nameof(share));
        using var scope = NewDisposeScope();
        var (sorted, _) = PerElement.flatten().sort(0);
        var rank = Math.Max(0, (long)Math.Ceiling(share * sorted.shape[0]) - 1);
        return sorted[rank].to_type(ScalarType.Float64).ToDouble();
    }

    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        PerElement.Dispose();
        PerExample.Dispose();
    }
}
