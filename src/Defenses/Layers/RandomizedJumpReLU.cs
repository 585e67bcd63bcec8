using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>A rectifier with a random threshold: y = x·[x > κ], κ ~ U[low, high].</summary>
/// <remarks>
/// Shape: (N, …) → (N, …). A replayed draw has one κ for the whole batch. Slope 1 above κ, 0 elsewhere; the surrogate is the
/// rectifier, and without randomness κ is the middle of its range. Source: Erichson, Yao and Mahoney 2019, with one κ per
/// call (<see cref="ThresholdPer.Batch"/>); they use high = 0.5 for the AlexNet-like network, 0.09 for the wide residual network.
/// </remarks>
public sealed class RandomizedJumpReLU : StochasticLayer
{
    /// <summary>The activation with thresholds from the given range.</summary>
    /// <param name="high">The largest threshold, in units of the activations, 0 or above.</param>
    /// <param name="low">The smallest threshold, in [0, high]; by default 0.6·high.</param>
    /// <param name="per">Which examples share a threshold in a fresh call; by default each example has its own.</param>
    /// <exception cref="ArgumentOutOfRangeException">A threshold is negative or not finite, or low is above high.</exception>
    public RandomizedJumpReLU(double high, double? low = null, ThresholdPer per = ThresholdPer.Sample) : base(nameof(RandomizedJumpReLU))
    {
        High = Require.NotNegative(high, nameof(high));
        Low = Require.Within(low ?? 0.6 * high, 0, high, nameof(low));
        Per = per;
    }

    /// <summary>The largest threshold.</summary>
    public double High { get; }

    /// <summary>The smallest threshold.</summary>
    public double Low { get; }

    /// <summary>Which examples share a threshold in a fresh call.</summary>
    public ThresholdPer Per { get; }

    /// <inheritdoc/>
    public override bool DrawsPerSample => Per == ThresholdPer.Sample;

    /// <inheritdoc/>
    protected override Tensor Sample(Tensor x, RandomSource random)
    {
        if (Per == ThresholdPer.Batch || random.IsReplaying)
            return nn.functional.threshold(x, Low + (High - Low) * random.Uniform(), 0);
        var shape = Require.Rows(x, nameof(x)).shape;
        Array.Fill(shape, 1, 1, shape.Length - 1);
        var kappa = random.Uniform(empty(shape, dtype: x.dtype, device: x.device)).mul_(High - Low).add_(Low);   // (N, 1, …)
        return x.relu() * x.gt(kappa).to_type(x.dtype);
    }

    /// <inheritdoc/>
    protected override Tensor Deterministic(Tensor x) => nn.functional.threshold(x, (Low + High) / 2, 0);

    /// <inheritdoc/>
    protected override Tensor Surrogate(Tensor x) => x.relu();
}

/// <summary>Which examples share one threshold of <see cref="RandomizedJumpReLU"/> in a fresh call.</summary>
public enum ThresholdPer
{
    /// <summary>One threshold for the whole batch, as in the paper.</summary>
    Batch,

    /// <summary>A threshold for each example.</summary>
    Sample,
}
