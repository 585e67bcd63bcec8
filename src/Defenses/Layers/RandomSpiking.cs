using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>Replaces each unit, with probability 1 − keepProbability, by uniform noise between the smallest and largest activation.</summary>
/// <remarks>
/// Shape: (N, …) → (N, …). Mask and noise are independent, per element. No gradient passes through replaced units, nor to the range.
/// Nothing is rescaled. Source: Ge et al. 2020 (Random Spiking, CODASPY); after the first activation. Differs: the paper takes
/// the range from the batch. Here this is the default in training; in evaluation the default is each example's own range, so that an example's
/// output does not depend on the rest of the batch. A replayed draw always uses each example's own range.
/// </remarks>
public sealed class RandomSpiking : StochasticLayer
{
    /// <summary>Spiking with the given probability that a unit is kept.</summary>
    /// <param name="keepProbability">The probability that a unit is kept, in [0, 1]; 0.8 in the paper.</param>
    /// <exception cref="ArgumentOutOfRangeException">keepProbability lies outside [0, 1].</exception>
    public RandomSpiking(double keepProbability = 0.8) : base(nameof(RandomSpiking)) => KeepProbability = keepProbability;

    /// <summary>The probability that a unit is kept, in [0, 1].</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value lies outside [0, 1].</exception>
    public double KeepProbability
    {
        get;
        set => field = Require.Within(value, 0, 1, "keepProbability");
    }

    /// <summary>Where the range of the noise comes from: null (the default) for the batch in training and the example in evaluation.</summary>
    public NoiseRange? Range { get; set; }

    /// <inheritdoc/>
    public override bool DrawsPerSample => CurrentRange == NoiseRange.Sample;

    private NoiseRange CurrentRange => Range ?? (training ? NoiseRange.Batch : NoiseRange.Sample);

    // One uniform number gives mask and noise: a unit spikes if its number is below the rate; given that, the number is uniform below the rate.
    /// <inheritdoc/>
    protected override Tensor Sample(Tensor x, RandomSource random)
    {
        Require.Rows(x, nameof(x));
        if (KeepProbability == 1 || x.numel() == 0) return x.alias();
        var rate = 1 - KeepProbability;
        var units = (int)(SharedRange(random) ? x.numel() : x.numel() / x.shape[0]);   // elements with a range in common
        var (example, low, high) = (-1, 0f, 0f);
        var spiked = random.Blend(x, new Distribution(Distribution.Law.Uniform), (input, start, numbers) =>
        {
            for (int from = 0, count; from < numbers.Length; from += count)   // a piece may reach over several examples
            {
                var now = (start + from) / units;
                if (now != example) (low, high) = MaskKernels.Extremes(input.Slice((example = now) * units, units));
                count = Math.Min(numbers.Length - from, (now + 1) * units - start - from);
                MaskKernels.Spike(input.Slice(start + from, count), numbers.Slice(from, count), (float)rate, low, (high - low) / (float)rate);
            }
        });
        if (spiked is not null) return spiked;
        var (lowest, span) = Extremes(x.detach(), random);   // (1 or N, 1, …)
        var uniform = random.Uniform(x);
        var kept = uniform.ge(rate).to_type(x.dtype);
        return lerp(uniform * (span / rate) + lowest, x, kept);   // the noise where kept is 0, x where it is 1: both exactly
    }

    /// <inheritdoc/>
    protected override Tensor Deterministic(Tensor x) => x.alias();

    private bool SharedRange(RandomSource random) => CurrentRange == NoiseRange.Batch && !random.IsReplaying;

    private (Tensor Low, Tensor Span) Extremes(Tensor x, RandomSource random)
    {
        var first = SharedRange(random) ? 0 : 1;
        long[] dims = [.. Enumerable.Range(first, (int)x.dim() - first).Select(dim => (long)dim)];
        var low = x.amin(dims, keepdim: true);
        return (low, x.amax(dims, keepdim: true) - low);
    }
}

/// <summary>The activations from which <see cref="RandomSpiking"/> takes its smallest and largest noise value.</summary>
public enum NoiseRange
{
    /// <summary>All activations of the batch, as in the paper: the output of one example depends on the others.</summary>
    Batch,

    /// <summary>The activations of the example itself.</summary>
    Sample,
}
