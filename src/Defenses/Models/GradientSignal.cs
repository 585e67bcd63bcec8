using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>The signal-to-noise ratio of a gradient that is averaged over random draws. Owns its tensors.</summary>
/// <remarks>
/// The ratio of an element is |mean| / (standard deviation of single draws / √draws): below about 2 its sign is unreliable. The ratio of an
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

/// <summary>The mean of several gradients and its standard error (Welford 1962). Owns its tensors.</summary>
internal sealed class GradientMoments(Tensor like) : IDisposable
{
    private readonly Tensor _mean = zeros_like(like).DetachFromDisposeScope(), _squares = zeros_like(like).DetachFromDisposeScope();

    /// <summary>The number of gradients.</summary>
    internal int Count { get; private set; }

    /// <summary>The mean of the gradients, (N, …).</summary>
    internal Tensor Mean => _mean;

    /// <summary>Adds a gradient, (N, …).</summary>
    internal void Add(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        Count++;
        var before = gradient - _mean;
        _mean.add_(before / Count);
        _squares.add_(before * (gradient - _mean));
    }

    /// <summary>The mean over its standard error, element by element, (N, …); 0 where both are 0, infinite where only the error is 0.</summary>
    internal Tensor PerElement()
    {
        using var scope = NewDisposeScope();
        return Ratio(_mean.abs(), Variance().sqrt()).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The length of the true gradient over that of the error of the mean, estimated: √(max(0, ‖mean‖² − Σ error²)/Σ error²), (N,).
    /// </summary>
    internal Tensor PerExample()
    {
        using var scope = NewDisposeScope();
        var noise = Variance().flatten(1).sum(1);
        var signal = (_mean.flatten(1).square().sum(1) - noise).clamp_min(0);
        return Ratio(signal, noise).sqrt().MoveToOuterDisposeScope();
    }

    /// <summary>Whether the ratio of at least half of the examples reaches a value; never after a single gradient.</summary>
    internal bool IsClear(double ratio)
    {
        if (Count < 2) return false;
        using var scope = NewDisposeScope();
        return (PerExample() >= ratio).to_type(ScalarType.Float32).mean().ToSingle() >= 0.5;
    }

    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        _mean.Dispose();
        _squares.Dispose();
    }

    // The squared standard error of the mean.
    private Tensor Variance() => _squares.clamp_min(0) / ((Count - 1.0) * Count);

    private static Tensor Ratio(Tensor signal, Tensor noise) => where(signal.eq(0), zeros_like(signal), signal / noise);
}
