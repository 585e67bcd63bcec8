using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>The mean of several gradients and how uncertain it is (Welford 1962). Owns its tensors.</summary>
internal sealed class GradientMoments(Tensor like) : IDisposable
{
    private readonly Tensor _mean = zeros_like(like).DetachFromDisposeScope(), _squares = zeros_like(like).DetachFromDisposeScope();

    /// <summary>How many gradients there are.</summary>
    internal int Count { get; private set; }

    /// <summary>Their mean, (N, …).</summary>
    internal Tensor Mean => _mean;

    /// <summary>Counts one more, (N, …).</summary>
    internal void Add(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        Count++;
        var before = gradient - _mean;
        _mean.add_(before / Count);
        _squares.add_(before * (gradient - _mean));
    }

    /// <summary>The mean over its standard error, element by element, (N, …); 0 where both are 0, infinite where only the error is.</summary>
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

    // Of the mean.
    private Tensor Variance() => _squares.clamp_min(0) / ((Count - 1.0) * Count);

    private static Tensor Ratio(Tensor signal, Tensor noise) => where(signal.eq(0), zeros_like(signal), signal / noise);
}
