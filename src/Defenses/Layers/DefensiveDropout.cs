using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>Inverted dropout that stays on at test time: y = x·m/(1 − rate), m = 0 with probability rate, else 1.</summary>
/// <remarks>
/// Shape: (N, …) → (N, …); each element independently. Unbiased: E[y] = x. The rate may differ between training and test. The mask is
/// constant in the backward pass. Source: Wang et al. 2018 (Defensive Dropout, ICCAD): between the hidden dense layers, 0.7 and 0.7
/// in the authors' code; the prediction is one stochastic pass.
/// </remarks>
public sealed class DefensiveDropout : StochasticLayer
{
    /// <summary>Dropout with one rate, or with a different rate in training.</summary>
    /// <param name="rate">The probability that a unit is dropped at test time, in [0, 1).</param>
    /// <param name="trainingRate">The same in training mode; by default <paramref name="rate"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate lies outside [0, 1).</exception>
    public DefensiveDropout(double rate, double? trainingRate = null) : base(nameof(DefensiveDropout)) =>
        (Rate, TrainingRate) = (rate, trainingRate ?? rate);

    /// <summary>The probability that a unit is dropped in evaluation mode, in [0, 1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value lies outside [0, 1).</exception>
    public double Rate
    {
        get;
        set => field = Require.Below(value, 0, 1, "rate");
    }

    /// <summary>The probability that a unit is dropped in training mode, in [0, 1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value lies outside [0, 1).</exception>
    public double TrainingRate
    {
        get;
        set => field = Require.Below(value, 0, 1, "trainingRate");
    }

    /// <inheritdoc/>
    protected override Tensor Sample(Tensor x, RandomSource random)
    {
        var rate = training ? TrainingRate : Rate;
        if (rate == 0 || x.numel() == 0) return x.alias();
        var (kept, scale) = (1 - rate, 1 / (1 - rate));
        return random.Blend(x, new Distribution(Distribution.Law.Bernoulli, scale, kept), MaskKernels.Multiply)
            ?? x * random.Bernoulli(kept, x, value: scale);
    }

    /// <inheritdoc/>
    protected override Tensor Deterministic(Tensor x) => x.alias();
}
