using System.Globalization;
using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>Keeps activations by their size and scales the kept up: y = x·m, m = 1/π where drawn, else 0; π = 1 − (1 − p)ʳ, p = |x|/Σ|x|.</summary>
/// <remarks>
/// Shape: (N, …) → (N, …); each example is one distribution over its d activations, from which r = ⌊fraction·d⌋ draws with
/// replacement are made. Unbiased: E[y] = x. p and m are constants in the backward pass. An example of zeros stays zero. Source: Dhillon et
/// al. 2018 (Stochastic Activation Pruning, ICLR); after every activation, fraction 1, softmax outputs averaged over 100 passes.
/// Differs: by default each unit is drawn by itself (<see cref="SamplingMode.Bernoulli"/>), with the same mean and scale.
/// </remarks>
public sealed class StochasticActivationPruning : StochasticLayer, IHasProbabilities
{
    /// <summary>Pruning with the given number of draws.</summary>
    /// <param name="fraction">Draws per activation, above 0; 1 by default. The smaller, the more is pruned.</param>
    /// <exception cref="ArgumentOutOfRangeException">fraction is not a finite number above 0.</exception>
    public StochasticActivationPruning(double fraction = 1.0) : base(nameof(StochasticActivationPruning)) => Fraction = fraction;

    /// <summary>Draws per activation, above 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a finite number above 0.</exception>
    public double Fraction
    {
        get;
        set => field = Require.Positive(value, "fraction");
    }

    /// <summary>How the activations are drawn; by default each by itself.</summary>
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
        if (Mode == SamplingMode.Categorical || !Layout.IsPlain(x)) return Masks.Apply(x, Mask(x.detach(), draws, random));
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
