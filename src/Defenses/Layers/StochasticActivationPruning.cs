using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>Keeps activations at random by their size and scales the kept ones up: y = x·m, m = 1/π where drawn, else 0;
/// π = 1 − (1 − p)ʳ, p = |x|/Σ|x|.</summary>
/// <remarks>
/// Shape: (N, …) → (N, …); each example is one distribution over its d activations, from which r = ⌊fraction·d⌋ draws with
/// replacement are made. Unbiased: E[y] = x. p and m are constants in the backward pass. An example of zeros stays zero. Source: Dhillon et
/// al. 2018 (Stochastic Activation Pruning, ICLR); after every activation, fraction 1, softmax outputs averaged over 100 passes.
/// Differs: by default each unit is drawn independently (<see cref="SamplingMode.Bernoulli"/>), with the same mean and scale.
/// </remarks>
public sealed class StochasticActivationPruning : StochasticLayer, ISamplingProbabilities
{
    /// <summary>Pruning with the given number of draws.</summary>
    /// <param name="fraction">Draws per activation, above 0; 1 by default. A smaller fraction prunes more.</param>
    /// <exception cref="ArgumentOutOfRangeException">fraction is not a finite number above 0.</exception>
    public StochasticActivationPruning(double fraction = 1.0) : base(nameof(StochasticActivationPruning)) => Fraction = fraction;

    /// <summary>Draws per activation, above 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a finite number above 0.</exception>
    public double Fraction
    {
        get;
        set => field = Require.Positive(value, "fraction");
    }

    /// <summary>How the activations are drawn; by default each independently.</summary>
    public SamplingMode Mode { get; set; }

    /// <summary>Whether the backward pass differentiates the scale 1/π as well, as an adaptive attacker may want; off by default.</summary>
    public bool DifferentiateProbabilities { get; set; }

    /// <inheritdoc/>
    protected override Tensor Sample(Tensor x, RandomSource random)
    {
        var units = Require.Rows(x, nameof(x)).shape.Skip(1).Aggregate(1L, (product, length) => product * length);
        if (x.numel() == 0) return x.alias();
        var draws = Math.Floor(Fraction * units);
        if (draws < 1)
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"A fraction of {Fraction} of {units} activations gives no draw. Set Fraction to at least 1/{units}."));
        if (DifferentiateProbabilities) return x * Mask(x, draws, random);
        if (Mode == SamplingMode.Categorical || !MemoryLayout.IsPlain(x)) return Masks.Apply(x, Mask(x.detach(), draws, random));
        var records = x.requires_grad && is_grad_enabled();
        var weights = PruningKernel.Mask(x.detach(), draws, random, times: !records);
        return records ? x * weights : weights;
    }

    /// <inheritdoc/>
    protected override Tensor Deterministic(Tensor x) => x.alias();

    private Tensor Mask(Tensor x, double draws, RandomSource random)
    {
        var flat = Masks.Precise(x).flatten(1).abs();
        var scaled = flat / flat.detach().amax([1], keepdim: true).clamp_min(Masks.Tiny(flat));
        var p = scaled / scaled.sum(1, keepdim: true).clamp_min(Masks.Tiny(flat));   // zeros for an example of zeros
        var kept = p.clamp_max(1 - 6e-8).neg().log1p().mul(draws).expm1().neg();
        var drawn = Mode == SamplingMode.Bernoulli
            ? random.Bernoulli(kept.detach())
            : Masks.Drawn(random.Categorical(p.detach(), (long)draws), p);
        return Masks.Weights(drawn, kept).view(x.shape).to_type(x.dtype);
    }
}

/// <summary>Stochastic activation pruning in one pass over host memory, in single precision.</summary>
internal static class PruningKernel
{
    private const int Block = 128;   // 4 KiB
    private const double SmallProbability = 1.0 / 32;

    /// <summary>For each activation of x: 1/π with probability π, else 0. With <paramref name="times"/>, x times that. (N, …) → (N, …).</summary>
    internal static Tensor Mask(Tensor x, double draws, RandomSource random, bool times)
    {
        var channelsLast = MemoryLayout.IsChannelsLast(x);
        var input = MemoryLayout.InMemoryOrder(x, channelsLast);
        var mask = random.Uniform(x);
        if (random.IsReplaying) mask = mask.expand(x.shape);
        mask = MemoryLayout.InMemoryOrder(mask, channelsLast);
        var from = MemoryMarshal.Cast<byte, float>(input.bytes);
        var to = MemoryMarshal.Cast<byte, float>(mask.bytes);
        var units = from.Length / (int)x.shape[0];
        for (var start = 0; start < from.Length; start += units) Row(from.Slice(start, units), to.Slice(start, units), (float)draws, times);
        return MemoryLayout.InIndexOrder(mask, channelsLast);
    }

    // Turns uniform numbers into the mask of one example. Block by block and in two passes over each block: the CPU then works on many
    // elements at once instead of waiting for every step of a long formula.
    private static void Row(ReadOnlySpan<float> x, Span<float> mask, float draws, bool times)
    {
        var scale = Scale.Of(x, draws);
        Span<Vector256<float>> block = stackalloc Vector256<float>[Block];
        var inputs = MemoryMarshal.Cast<float, Vector256<float>>(x);
        var masks = MemoryMarshal.Cast<float, Vector256<float>>(mask);
        for (var start = 0; start < inputs.Length; start += Block)
        {
            var part = inputs.Slice(start, Math.Min(Block, inputs.Length - start));
            Weigh(part, masks.Slice(start, part.Length), block[..part.Length], scale, times);
        }
        var done = inputs.Length * Vector256<float>.Count;
        if (done == x.Length) return;
        Span<Vector256<float>> last = [default, default];
        var numbers = MemoryMarshal.Cast<Vector256<float>, float>(last);
        x[done..].CopyTo(numbers);
        mask[done..].CopyTo(numbers[Vector256<float>.Count..]);
        Weigh(last[..1], last[1..], block[..1], scale, times);
        numbers.Slice(Vector256<float>.Count, x.Length - done).CopyTo(mask[done..]);
    }

    // 1/π where the uniform number is below π = 1 − (1 − p)ʳ, else 0; or x times that.
    private static void Weigh(
        ReadOnlySpan<Vector256<float>> x, Span<Vector256<float>> mask, Span<Vector256<float>> exponents, Scale scale, bool times)
    {
        if (scale.Small) SmallExponents(x, exponents, scale);
        else Exponents(x, exponents, scale);
        for (var i = 0; i < mask.Length; i++)
        {
            var kept = -VectorMath.ExpMinusOne(exponents[i]);
            var weight = Vector256.LessThan(mask[i], kept).AsSingle() & (Vector256<float>.One / kept);
            mask[i] = times ? x[i] * weight : weight;
        }
    }

    // r·ln(1 − p)
    private static void Exponents(ReadOnlySpan<Vector256<float>> x, Span<Vector256<float>> exponents, Scale scale)
    {
        for (var i = 0; i < exponents.Length; i++)
            exponents[i] = VectorMath.LogOneMinus(Vector256.MinNative(scale.Probability(x[i]), Vector256<float>.One)) * scale.Draws;
    }

    // The same by the series −p − p²/2 − p³/3 − p⁴/4, for p of at most 1/32.
    private static void SmallExponents(ReadOnlySpan<Vector256<float>> x, Span<Vector256<float>> exponents, Scale scale)
    {
        for (var i = 0; i < exponents.Length; i++)
        {
            var p = scale.Probability(x[i]);
            exponents[i] = p * (-scale.Draws) * (((p * 0.25f + Vector256.Create(1 / 3f)) * p + Vector256.Create(0.5f)) * p + Vector256<float>.One);
        }
    }

    // The factor from activations to probabilities: 1/Σ|x|, as a power of two times a factor, because it may exceed single precision.
    private readonly record struct Scale(float Power, float Factor, float Draws, bool Small)
    {
        internal static Scale Of(ReadOnlySpan<float> x, float draws)
        {
            var (low, high, largest) = (Vector256<double>.Zero, Vector256<double>.Zero, Vector256<float>.Zero);
            var blocks = MemoryMarshal.Cast<float, Vector256<float>>(x);
            foreach (var block in blocks)
            {
                var size = Vector256.Abs(block);
                var (first, second) = Vector256.Widen(size);
                (low, high, largest) = (low + first, high + second, Vector256.MaxNative(size, largest));
            }
            var (sum, most) = (Vector256.Sum(low + high), 0f);
            for (var i = 0; i < Vector256<float>.Count; i++) most = Math.Max(most, largest[i]);
            foreach (var value in x[(blocks.Length * Vector256<float>.Count)..]) (sum, most) = (sum + Math.Abs(value), Math.Max(most, Math.Abs(value)));
            if (!(sum > 0)) return new Scale(0, 0, draws, false);   // zeros, or NaN among them: nothing is kept but NaN
            var power = Math.ScaleB(1, Math.Clamp(-Math.ILogB(sum), -126, 126));
            return new Scale((float)power, (float)(1 / (sum * power)), draws, most <= SmallProbability * sum);
        }

        internal Vector256<float> Probability(Vector256<float> x) => Vector256.Abs(x) * Power * Factor;
    }
}
